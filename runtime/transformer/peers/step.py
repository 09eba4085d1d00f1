"""Trains the model of a line of JSON, one step for each further line, and answers
with the nanoseconds that the step took.

The model is what a user of PyTorch writes in eager mode: fused projections,
scaled_dot_product_attention, cross_entropy and Adam of the library. Embeddings are
tied, norms are before the layers.
"""

import json
import math
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


class Attention(nn.Module):
    def __init__(self, c, cross):
        super().__init__()
        self.heads, self.drop, self.cross = c["Heads"], c["AttentionDropout"], cross
        w = c["Width"]
        if cross:
            self.q, self.kv = nn.Linear(w, w), nn.Linear(w, 2 * w)
        else:
            self.qkv = nn.Linear(w, 3 * w)
        self.out = nn.Linear(w, w)

    def forward(self, x, memory=None, causal=False):
        if self.cross:
            q, (k, v) = self.q(x), self.kv(memory).chunk(2, -1)
        else:
            q, k, v = self.qkv(x).chunk(3, -1)
        b, t, w = q.shape
        q, k, v = (a.view(b, -1, self.heads, w // self.heads).transpose(1, 2) for a in (q, k, v))
        drop = self.drop if self.training else 0.0
        y = F.scaled_dot_product_attention(q, k, v, dropout_p=drop, is_causal=causal)
        return self.out(y.transpose(1, 2).reshape(b, t, w))


class FeedForward(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.up, self.down = nn.Linear(c["Width"], c["Hidden"]), nn.Linear(c["Hidden"], c["Width"])
        self.drop = nn.Dropout(c["HiddenDropout"])

    def forward(self, x):
        return self.down(self.drop(F.relu(self.up(x))))


class Layer(nn.Module):
    def __init__(self, c, causal, cross):
        super().__init__()
        norm = lambda: nn.LayerNorm(c["Width"])
        self.causal, self.drop = causal, nn.Dropout(c["Dropout"])
        self.attend, self.norm1 = Attention(c, False), norm()
        self.look = None
        if cross:
            self.look, self.norm2 = Attention(c, True), norm()
        self.feed, self.norm3 = FeedForward(c), norm()

    def forward(self, x, memory=None):
        x = x + self.drop(self.attend(self.norm1(x), causal=self.causal))
        if self.look is not None:
            x = x + self.drop(self.look(self.norm2(x), memory))
        return x + self.drop(self.feed(self.norm3(x)))


class Stack(nn.Module):
    def __init__(self, c, layers, causal, cross):
        super().__init__()
        w = c["Width"]
        self.layers = nn.ModuleList(Layer(c, causal, cross) for _ in range(layers))
        self.norm, self.drop = nn.LayerNorm(w), nn.Dropout(c["Dropout"])
        t = torch.arange(c["MaxLen"]).float()[:, None]
        angle = t * 1e4 ** (-torch.arange(w // 2) / (w // 2))
        self.register_buffer("waves", torch.cat([angle.sin(), angle.cos()], 1))

    def forward(self, tokens, embedding, memory=None):
        w = embedding.embedding_dim
        x = self.drop(embedding(tokens) * math.sqrt(w) + self.waves[: tokens.shape[1]])
        for layer in self.layers:
            x = layer(x, memory)
        return self.norm(x)


class Model(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.words = nn.Embedding(c["Vocab"], c["Width"])
        nn.init.normal_(self.words.weight, std=c["Width"] ** -0.5)
        self.encoder = None
        if c["SourceVocab"]:
            self.source = self.words if c["Share"] else nn.Embedding(c["SourceVocab"], c["Width"])
            self.encoder = Stack(c, c["EncoderLayers"], False, False)
        self.decoder = Stack(c, c["DecoderLayers"], True, self.encoder is not None)

    def forward(self, source, tokens):
        memory = self.encoder(source, self.source) if self.encoder is not None else None
        return F.linear(self.decoder(tokens, self.words, memory), self.words.weight)


def main():
    c = json.loads(sys.stdin.readline())
    torch.set_num_threads(c["workers"])
    torch.manual_seed(1)
    config = c["config"]
    model = Model(config)
    adam = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.9, 0.98), eps=1e-9)
    rows = lambda vocab, length: torch.randint(vocab, (c["sequences"], max(length, 1)))
    source, tokens, target = rows(max(config["SourceVocab"], 1), c["sourceLen"]), rows(config["Vocab"], c["length"]), rows(config["Vocab"], c["length"])
    print(json.dumps({"version": torch.__version__, "parameters": sum(p.numel() for p in model.parameters())}), flush=True)
    for _ in sys.stdin:
        begin = time.perf_counter_ns()
        loss = F.cross_entropy(model(source, tokens).flatten(0, 1), target.flatten(), label_smoothing=config["LabelSmoothing"])
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        print(json.dumps({"ns": time.perf_counter_ns() - begin, "loss": loss.item()}), flush=True)


main()
