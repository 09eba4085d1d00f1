"""Writes cases of the normalization operators of ONNX as JSON, for the program in ../pack.

What is wanted comes from onnx's reference evaluator in float64, or from the published body; ONNX Runtime, in float32,
must agree with it by the tolerance of ONNX's own tests, or there are no cases.

    python cases.py > cases.json        # with onnx 1.23, onnxruntime 1.32, numpy
"""

import json
import sys

import numpy
import onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

RTOL, ATOL = 1e-3, 1e-7  # of the tests of ONNX
OPSET = 23

random = numpy.random.default_rng(2026)
cases = []


def evaluate(op, attrs, inputs, outputs, dtype):
    """Returns the outputs of one node, by the reference in float64 or by ONNX Runtime in float32."""
    kind = TensorProto.DOUBLE if dtype == numpy.float64 else TensorProto.FLOAT
    if op == "GroupNormalization":
        attrs = attrs | {"stash_type": kind}  # the statistics are float32 otherwise
    names = [f"i{k}" for k in range(len(inputs))]
    results = [f"o{k}" for k in range(outputs)]
    graph = helper.make_graph(
        [helper.make_node(op, names, results, **attrs)], op,
        [helper.make_tensor_value_info(n, kind, x.shape) for n, x in zip(names, inputs)],
        [helper.make_tensor_value_info(n, kind, None) for n in results])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=11)
    given = {n: x.astype(dtype) for n, x in zip(names, inputs)}
    if dtype == numpy.float64:
        return ReferenceEvaluator(model).run(None, given)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, given)


def wanted(op, attrs, inputs, outputs=1, runtime=True, want=None):
    if want is None:
        want = evaluate(op, attrs, inputs, outputs, numpy.float64)
    if runtime:
        for got, w in zip(evaluate(op, attrs, inputs, outputs, numpy.float32), want):
            numpy.testing.assert_allclose(got, w, RTOL, ATOL, err_msg=f"{op} {attrs}")
    return want


def draw(*shape, mean=0.0, spread=1.0):
    return (mean + spread * random.standard_normal(shape)).astype(numpy.float32).astype(numpy.float64)


def tensor(x):
    x = numpy.asarray(x, numpy.float64)
    return {"Shape": list(x.shape), "Data": x.ravel().tolist()}


def tensors(d):
    return {k: tensor(v) for k, v in d.items()}


def case(name, op, attrs, params, state=None, steps=(), infer=None, note=""):
    def step(s):
        return {"In": tensors(s[0]), "Want": tensors(s[1])}
    cases.append({"Suite": "onnx", "ID": name, "Op": op, "Class": "randn", "Attrs": attrs, "Params": tensors(params),
                  "State": tensors(state) if state else None, "Steps": [step(s) for s in steps],
                  "Eval": step(infer) if infer else None, "Note": note})


def eps(e):
    """Attributes of ONNX are float32."""
    return float(numpy.float32(e))


def rows(op, kind, prefix, affine):
    """LayerNormalization and RMSNormalization: ranks, axes counted from both ends, eps."""
    for shape in [(3, 4), (2, 3, 5), (2, 3, 4, 5), (7, 130)]:
        for axis in range(-len(shape), len(shape)):
            e = eps([1e-5, 1e-1, 1e-6][axis % 3])
            over = shape[axis:]
            x = draw(*shape, mean=0.5)
            params = {"gamma": draw(*over, mean=1, spread=0.5)}
            if affine:
                params["beta"] = draw(*over)
            inputs = [x, *params.values()]
            attrs = {"axis": axis, "epsilon": e}
            step = {"y": wanted(op, attrs, inputs)[0]}
            if affine:
                step["y"], mean, rstd = wanted(op, attrs, inputs, 3)
                step |= {"mean": mean, "rstd": rstd}
            flat = {k: v.ravel() for k, v in params.items()}
            case(f"{prefix}_{len(shape)}d_axis{axis}_{'x'.join(map(str, shape))}", kind,
                 {"affine": True, "bias": affine, "eps": e, "eps_mode": "inside", "normalized_dims": len(over), "partial": None,
                  "unit_offset": False}, flat, steps=[({"x": x}, step)])


def batch():
    for shape in [(3, 4), (2, 3, 5), (2, 3, 4, 5), (33, 17)]:
        for e in [1e-5, 1e-2]:
            channels = shape[1]
            params = {"gamma": draw(channels, mean=1, spread=0.5), "beta": draw(channels)}
            state = {"running_mean": draw(channels), "running_var": abs(draw(channels, mean=2, spread=0.5))}
            x = draw(*shape, mean=0.5)
            inputs = [x, *params.values(), *state.values()]
            name = f"{len(shape)}d_eps{e}_{'x'.join(map(str, shape))}"
            attrs = {"affine": True, "eps": eps(e), "track_running_stats": True, "momentum": 0.1}
            y = wanted("BatchNormalization", {"epsilon": e}, inputs)[0]
            case(f"batchnorm_{name}", "batchnorm", attrs, params, state, infer=({"x": x}, {"y": y}))
            # ONNX gives the old value the weight momentum, and averages the variance of
            # the population; the layer gives the new one 1 - momentum, and averages the
            # unbiased variance. So the new share of the variance is n/(n-1) of ONNX's.
            momentum = eps(0.75)
            y, mean, var = wanted("BatchNormalization", {"epsilon": e, "momentum": momentum, "training_mode": 1}, inputs, 3,
                                  runtime=False)  # ONNX Runtime trains in other builds only
            old, n = momentum * state["running_var"], x.size // channels
            case(f"batchnorm_train_{name}", "batchnorm", attrs | {"momentum": 1 - momentum}, params, state,
                 steps=[({"x": x}, {"y": y, "running_mean": mean, "running_var": old + (var - old) * n / (n - 1)})],
                 note="running_var: the share of the batch is unbiased")


def planes():
    for shape in [(2, 4, 9), (2, 6, 3, 5), (1, 4, 2, 3, 4)]:
        channels = shape[1]
        for e in [1e-5, 1e-2]:
            params = {"gamma": draw(channels, mean=1, spread=0.5), "beta": draw(channels)}
            x = draw(*shape, mean=0.5)
            name = f"{len(shape)}d_eps{e}_{'x'.join(map(str, shape))}"
            y = wanted("InstanceNormalization", {"epsilon": e}, [x, *params.values()])[0]
            case(f"instancenorm_{name}", "instancenorm", {"affine": True, "eps": eps(e), "track_running_stats": False}, params,
                 steps=[({"x": x}, {"y": y})])
            for groups in [1, 2, channels]:
                y = wanted("GroupNormalization", {"epsilon": e, "num_groups": groups}, [x, *params.values()])[0]
                case(f"groupnorm_g{groups}_{name}", "groupnorm", {"affine": True, "eps": eps(e), "groups": groups}, params,
                     steps=[({"x": x}, {"y": y})])


def mean_variance():
    """Of no parameters; 1e-9 is added to the deviation, which no unit of these sets notices.

    The reference evaluator has it in float32 alone: this is the published body."""
    for axes, op, attrs in [((0, 2, 3), "batchnorm", {"track_running_stats": False}), ((2, 3), "instancenorm", {"track_running_stats": False}),
                            ((1, 2, 3), "layernorm", {"bias": False, "normalized_dims": 3}), ((3,), "layernorm", {"bias": False, "normalized_dims": 1})]:
        x = draw(3, 4, 5, 6, mean=0.5)
        y = (x - x.mean(axes, keepdims=True)) / (x.std(axes, keepdims=True) + 1e-9)
        wanted("MeanVarianceNormalization", {"axes": list(axes)}, [x], want=[y])
        case(f"mvn_axes{''.join(map(str, axes))}", op, {"affine": False, "eps": 0.0} | attrs, {}, steps=[({"x": x}, {"y": y})])


def lp():
    """Along an axis that is not the last the cases have it last: which is the same sets."""
    for shape in [(7,), (3, 5), (2, 3, 4), (2, 3, 130)]:
        for axis in {0, len(shape) // 2, -1}:
            x = draw(*shape)
            y = wanted("LpNormalization", {"axis": axis, "p": 2}, [x])[0]
            case(f"lp2_axis{axis}_{'x'.join(map(str, shape))}", "l2norm", {"eps": 0.0},
                 {}, steps=[({"x": numpy.moveaxis(x, axis, -1)}, {"y": numpy.moveaxis(y, axis, -1)})])


rows("LayerNormalization", "layernorm", "layernorm", True)
rows("RMSNormalization", "rmsnorm", "rmsnorm", False)
batch()
planes()
mean_variance()
lp()
cases.sort(key=lambda c: c["ID"])
assert len({c["ID"] for c in cases}) == len(cases)
json.dump(cases, sys.stdout)
print(len(cases), "cases", file=sys.stderr)
