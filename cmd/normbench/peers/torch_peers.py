"""PyTorch: its own kernels where it has the layer, else the obvious composition;
and the same functions compiled by torch.compile."""

import torch

aten = torch.ops.aten
GROUPS = 32


def rows(shape, load, name):
    return torch.from_numpy(load(name, shape))


def planes(shape, load, name):
    """Samples of channels of places."""
    return torch.from_numpy(load(name, shape)).unsqueeze(-1)


def pixels(shape, load, name):
    """The same with the channels of a place side by side in memory."""
    n, c, s = shape
    return torch.from_numpy(load(name, (n, s, 1, c))).permute(0, 3, 1, 2)


class Tensors:
    def __init__(self, shape, load, view):
        self.shape, self.load, self.view = shape, load, view
        self.c = shape[1]
        self.x = view(shape, load, "x")
        self.dy = view(shape, load, "dy")

    def vector(self, name):
        return torch.from_numpy(self.load(name, (self.c,)))


def layer_norm(t, op):
    g, b, c, eps = t.vector("gamma"), t.vector("beta"), [t.c], 1e-5
    if op != "backward":
        return lambda x: aten.native_layer_norm(x, c, g, b, eps)[0], (t.x,)
    _, mean, rstd = aten.native_layer_norm(t.x, c, g, b, eps)
    return lambda dy, x: aten.native_layer_norm_backward(dy, x, c, mean, rstd, g, b, [True] * 3), (t.dy, t.x)


def rms_norm(t, op):
    g, c, eps = t.vector("gamma"), [t.c], 1e-6
    if op != "backward":
        return lambda x: torch.rms_norm(x, c, g, eps), (t.x,)
    rstd = torch.rsqrt(t.x.square().mean(-1, keepdim=True) + eps)

    def backward(dy, x):
        xh = x * rstd
        dg = dy * g
        return rstd * (dg - xh * (dg * xh).mean(-1, keepdim=True)), (dy * xh).sum(0)

    return backward, (t.dy, t.x)


def batch_norm(t, op):
    g, b, eps = t.vector("gamma"), t.vector("beta"), 1e-5
    mean, var = t.vector("running_mean"), t.vector("running_var")
    if op != "backward":
        train = op == "forward"
        return lambda x: aten.native_batch_norm(x, g, b, mean, var, train, 0.1, eps)[0], (t.x,)
    _, m, r = aten.native_batch_norm(t.x, g, b, mean, var, True, 0.1, eps)
    return lambda dy, x: aten.native_batch_norm_backward(dy, x, g, mean, var, m, r, True, eps, [True] * 3), (t.dy, t.x)


def group_norm(t, op):
    g, b, eps = t.vector("gamma"), t.vector("beta"), 1e-5
    n, c, s = t.shape
    if op != "backward":
        return lambda x: aten.native_group_norm(x, g, b, n, c, s, GROUPS, eps)[0], (t.x,)
    _, m, r = aten.native_group_norm(t.x, g, b, n, c, s, GROUPS, eps)
    return lambda dy, x: aten.native_group_norm_backward(dy, x, m, r, g, n, c, s, GROUPS, [True] * 3), (t.dy, t.x)


def pnv(t, op):
    g, b, eps = t.vector("gamma"), t.vector("beta"), 1e-5
    running = t.vector("running_ms")
    if op == "infer":
        return lambda x: torch.addcmul(b, x, g * torch.rsqrt(running + eps)), (t.x,)
    if op == "forward":

        def forward(x):
            ms = x.square().mean(0)
            running.lerp_(ms, 0.1)
            return torch.addcmul(b, x, g * torch.rsqrt(ms + eps))

        return forward, (t.x,)
    rstd = torch.rsqrt(t.x.square().mean(0) + eps)

    def backward(dy, x):
        dbeta, dgamma = dy.sum(0), (dy * x).sum(0) * rstd
        return dy * (g * rstd) - x * (g * rstd * rstd * dgamma / x.shape[0]), dgamma, dbeta

    return backward, (t.dy, t.x)


def power_norm(t, op):
    g, b, eps = t.vector("gamma"), t.vector("beta"), 1e-5
    psi2, nu = t.vector("psi2"), t.vector("nu")
    inv = torch.rsqrt(psi2 + eps)
    if op == "infer":
        return lambda x: torch.addcmul(b, x, g * inv), (t.x,)
    if op == "forward":
        return lambda x: (torch.addcmul(b, x, g * inv), x.square().mean(0)), (t.x,)
    square = t.x.square().mean(0)

    def backward(dy, x):
        dbeta, dgamma = dy.sum(0), (dy * x).sum(0) * inv
        # the statistics that move nu follow from column sums that are there already
        return dy * (g * inv) - x * (nu * inv * inv), dgamma, dbeta, square * inv * inv, dgamma * g / x.shape[0]

    return backward, (t.dy, t.x)


LAYERS = {
    "LayerNorm": (layer_norm, rows),
    "RMSNorm": (rms_norm, rows),
    "BatchNorm": (batch_norm, rows),
    "PNV": (pnv, rows),
    "PowerNorm": (power_norm, rows),
    "BatchNormSpatialNCS": (batch_norm, planes),
    "BatchNormSpatialNSC": (batch_norm, pixels),
    "GroupNormNCS": (group_norm, planes),
    "GroupNormNSC": (group_norm, pixels),
}


def in_memory_order(view, result):
    """The result as an array in the order that the layer's tensors have."""
    if isinstance(result, tuple):
        result = result[0]
    return (result.permute(0, 2, 3, 1) if view is pixels else result).detach().numpy()


class Peer:
    def __init__(self, name, prepare):
        self.name, self.prepare = name, prepare

    def open(self, norm, op, shape, workers, load):
        if norm not in LAYERS:
            return None
        torch.set_num_threads(workers)
        make, view = LAYERS[norm]
        function, args = make(Tensors(shape, load, view), op)
        function = self.prepare(function)

        def work():
            return function(*args)

        work.result = lambda: in_memory_order(view, work())
        return work


def compiled(function):
    torch._dynamo.reset()
    return torch.compile(function, dynamic=False)


def start():
    torch.set_grad_enabled(False)
    peers = [Peer(f"torch-{torch.__version__.split('+')[0]}", lambda f: f)]
    return peers + [Peer("torch.compile", compiled)]
