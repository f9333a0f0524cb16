#!/usr/bin/env python3
# Writes recurrent_torch.txt: outputs, final states and vector-Jacobian products of torch.nn.RNN, LSTM and GRU in double.
# Made with Debian 12's python3-torch 1.13.1:  /usr/bin/python3 tests/golden/recurrent_torch.py
# Every array is a formula both sides can write down: entry i of array `stream` is frac((i + 7919 stream + 1) *
# 2654435761 / 2^32) - 1/2, times a scale. A tensor is kept as its norm and eight projections on the same formula's
# arrays, which is enough to see any wrong entry and small enough to commit.
import pathlib

import torch

torch.set_default_dtype(torch.float64)
FEATURES = 3
LENGTHS = {1: [1, 1, 1], 7: [5, 7, 2], 200: [200, 64, 131]}


def formula(stream, count, scale=1.0):
    i = torch.arange(count, dtype=torch.int64)
    return (((i + 7919 * stream + 1) * 2654435761) % 2**32).double() / 2**32 * scale - 0.5 * scale


def line(name, tensor):
    flat = tensor.detach().reshape(-1)
    values = [flat.norm()] + [flat.dot(formula(100 + k, flat.numel())) for k in range(8)]
    return " ".join([name] + [repr(float(v)) for v in values])


lines = []
for kind in ["elman", "elman_relu", "lstm", "gru"]:
    make = {
        "elman": lambda *a, **k: torch.nn.RNN(*a, nonlinearity="tanh", **k),
        "elman_relu": lambda *a, **k: torch.nn.RNN(*a, nonlinearity="relu", **k),
        "lstm": torch.nn.LSTM,
        "gru": torch.nn.GRU,
    }[kind]
    for layers in [1, 2]:
        for directions in [1, 2]:
            for steps in [1, 7, 200]:
                for hidden in [1, 5, 64]:
                    for rows in [1, 3]:
                        rnn = make(FEATURES, hidden, num_layers=layers, bidirectional=directions == 2)
                        scale = 2.0 / hidden**0.5
                        for stream, p in enumerate(rnn.parameters()):
                            p.data = formula(stream, p.numel(), scale).reshape(p.shape)
                        x = formula(40, steps * rows * FEATURES, 2.0).reshape(steps, rows, FEATURES).requires_grad_()
                        shape = (layers * directions, rows, hidden)
                        h0 = formula(41, layers * directions * rows * hidden).reshape(shape).requires_grad_()
                        c0 = formula(42, layers * directions * rows * hidden).reshape(shape).requires_grad_()
                        lengths = LENGTHS[steps] if rows == 3 else [steps]
                        packed = torch.nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
                        out, state = rnn(packed, (h0, c0) if kind == "lstm" else h0)
                        out, _ = torch.nn.utils.rnn.pad_packed_sequence(out, total_length=steps)
                        h_n, c_n = state if kind == "lstm" else (state, None)
                        value = (out * formula(43, out.numel()).reshape(out.shape)).sum()
                        value = value + (h_n * formula(44, h_n.numel()).reshape(h_n.shape)).sum()
                        if c_n is not None:
                            value = value + (c_n * formula(45, c_n.numel()).reshape(c_n.shape)).sum()
                        value.backward()
                        case = f"{kind}/{layers}/{directions}/{steps}/{hidden}/{rows}"
                        lines.append(line(f"{case}/output", out))
                        lines.append(line(f"{case}/h_n", h_n))
                        lines.append(line(f"{case}/dx", x.grad))
                        lines.append(line(f"{case}/dh0", h0.grad))
                        if kind == "lstm":
                            lines.append(line(f"{case}/c_n", c_n))
                            lines.append(line(f"{case}/dc0", c0.grad))
                        for name, p in rnn.named_parameters():
                            lines.append(line(f"{case}/{name}", p.grad))

pathlib.Path(__file__).with_name("recurrent_torch.txt").write_text("\n".join(lines) + "\n")
