"""ONNX Runtime: forward passes, with inputs and outputs bound once."""

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

GROUPS = 32

# Layers by norm: the operator, its attributes, vectors, and whether it is a
# training layer too (its forward has no statistics of the batch to keep).
OPERATORS = {
    "LayerNorm": ("LayerNormalization", {"axis": -1, "epsilon": 1e-5}, ["gamma", "beta"], ["forward", "infer"]),
    "RMSNorm": ("SimplifiedLayerNormalization", {"axis": -1, "epsilon": 1e-6}, ["gamma"], ["forward", "infer"]),
    "BatchNorm": (
        "BatchNormalization",
        {"epsilon": 1e-5},
        ["gamma", "beta", "running_mean", "running_var"],
        ["infer"],
    ),
    "GroupNormNCS": (
        "GroupNormalization",
        {"epsilon": 1e-5, "num_groups": GROUPS},
        ["gamma", "beta"],
        ["forward", "infer"],
    ),
}


def model(norm, shape):
    operator, attributes, vectors, _ = OPERATORS[norm]
    node = helper.make_node(operator, ["x"] + vectors, ["y"], **attributes)
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)]
    inputs += [helper.make_tensor_value_info(v, TensorProto.FLOAT, shape[1:2]) for v in vectors]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)]
    graph = helper.make_graph([node], norm, inputs, outputs)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10).SerializeToString()


class Peer:
    def __init__(self):
        self.name = f"onnxruntime-{onnxruntime.__version__}"

    def open(self, norm, op, shape, workers, load):
        if norm not in OPERATORS or op not in OPERATORS[norm][3]:
            return None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = workers
        options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(model(norm, shape), options, providers=["CPUExecutionProvider"])
        binding = session.io_binding()
        value = onnxruntime.OrtValue.ortvalue_from_numpy
        binding.bind_ortvalue_input("x", value(load("x", shape)))
        for v in OPERATORS[norm][2]:
            binding.bind_ortvalue_input(v, value(load(v, shape[1:2])))
        y = value(np.empty(shape, np.float32))
        binding.bind_ortvalue_output("y", y)

        def work():
            session.run_with_iobinding(binding)

        def result():
            work()
            return y.numpy()

        work.result = result
        return work


def start():
    return [Peer()]
