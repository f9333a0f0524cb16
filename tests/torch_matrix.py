#!/usr/bin/env python3
# The recurrent layers against PyTorch, through `ribostep forward` as anyone would check them: every plain cell x layers
# x directions x lengths x hidden x batch against torch.nn, and the cells torch has none of against their equations in
# torch, differentiated by autograd. Usage: RIBOSTEP_CLI=path/to/ribostep /usr/bin/python3 tests/torch_matrix.py
# Tolerances: double 1e-10 of the largest entry of each tensor (roundings of sums over 200 steps stay below 1e-12);
# float 1e-5 + 5e-5 of the largest entry (sums of some hundred terms of 24-bit numbers in another order).
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
FEATURES = 3
LENGTHS = {1: [1, 1, 1], 7: [5, 7, 2], 200: [64, 200, 131]}
PLAIN = {
    "elman": lambda *a, **k: torch.nn.RNN(*a, nonlinearity="tanh", **k),
    "elman_relu": lambda *a, **k: torch.nn.RNN(*a, nonlinearity="relu", **k),
    "lstm": torch.nn.LSTM,
    "gru": torch.nn.GRU,
}
GATES = {"elman": 1, "elman_relu": 1, "lstm": 4, "lstm_bounded": 4, "lstm_coupled": 3, "lstm_bounded_coupled": 3, "gru": 3}


def safetensors(tensors):
    header, data = {}, b""
    for name, t in tensors.items():
        raw = struct.pack(f"<{t.numel()}d", *t.detach().reshape(-1).tolist())
        header[name] = {"dtype": "F64", "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def ribostep(spec, weights, x, h0, c0, lengths, dy, dh, dc, precision):
    with tempfile.TemporaryDirectory() as folder:
        def write(name, value):
            path = pathlib.Path(folder, name)
            path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
            return str(path)
        given = {"x": x.tolist(), "h0": h0.tolist(), "lengths": lengths}
        asked = {"dy": dy.tolist(), "dh_n": dh.tolist()}
        if c0 is not None:
            given["c0"], asked["dc_n"] = c0.tolist(), dc.tolist()
        run = subprocess.run(
            [os.environ["RIBOSTEP_CLI"], "forward", precision, "--weights", write("w.safetensors", safetensors(weights)),
             "--spec", write("spec.json", spec), "--input", write("x.json", given), "--dy", write("dy.json", asked)],
            capture_output=True, text=True, timeout=120)
        if run.returncode != 0:
            raise RuntimeError(run.stderr.strip())
        return json.loads(run.stdout)


def layer_norm(a, gain, bias):
    mean = a.mean(-1, keepdim=True)
    return (a - mean) / torch.sqrt(((a - mean) ** 2).mean(-1, keepdim=True) + 1e-5) * gain + bias


def step(spec, w, suffix, x, h, c):
    """One step of a cell by its equations. w: the weights by name."""
    cell, hidden = spec["cell"], spec["hidden"]
    xs = (x @ w["weight_ih" + suffix].T + w["bias_ih" + suffix]).split(hidden, -1)
    hs = (h @ w["weight_hh" + suffix].T + w["bias_hh" + suffix]).split(hidden, -1)
    sigma = torch.sigmoid
    norm = lambda block, a: a
    if spec.get("layer_norm"):
        gain, bias = (w[n + suffix].split(hidden, -1) for n in ("norm_gain", "norm_bias"))
        norm = lambda block, a: layer_norm(a, gain[block], bias[block])
    if cell == "gru":  # blocks n r z q
        r, z = sigma(norm(1, xs[0] + hs[0])), sigma(norm(2, xs[1] + hs[1]))
        n = torch.tanh(norm(0, xs[2]) + r * norm(3, hs[2]))
        return n + z * (h - n), c
    a = [norm(g, xs[g] + hs[g]) for g in range(len(xs))]
    if cell in ("elman", "elman_relu"):
        return (torch.tanh(a[0]) if cell == "elman" else torch.relu(a[0])), c
    coupled = cell in ("lstm_coupled", "lstm_bounded_coupled")
    candidate = sigma if cell.startswith("lstm_bounded") else torch.tanh
    p = w["weight_peephole" + suffix].split(hidden, -1) if spec.get("peepholes") else None
    if coupled:
        f = sigma(a[0] + (p[0] * c if p else 0))
        i = 1 - f
    else:
        i, f = sigma(a[0] + (p[0] * c if p else 0)), sigma(a[1] + (p[1] * c if p else 0))
    c = f * c + i * candidate(a[-2])
    o = sigma(a[-1] + (p[-1] * c if p else 0))
    return o * torch.tanh(c), c


def by_equations(spec, w, x, h0, c0, lengths):
    """All layers over a batch, row by row: outputs [L,B,D*H], h_n, c_n."""
    directions = 2 if spec["directions"] == "both" else 1
    steps = x.shape[0]
    outputs, h_n, c_n = [], [[] for _ in h0], [[] for _ in h0]
    for row, length in enumerate(lengths):
        rows = [x[t, row] for t in range(length)]
        for level in range(spec["layers"]):
            d = spec["dilations"][level] if "dilations" in spec else 1
            halves = []
            for direction in range(directions):
                layer = level * directions + direction
                suffix = f"_l{level}" + ("_reverse" if direction else "")
                states = {}
                for t in (range(length) if not direction else reversed(range(length))):
                    h, c = states.get(t + d if direction else t - d, (h0[layer, row], None if c0 is None else c0[layer, row]))
                    states[t] = step(spec, w, suffix, rows[t], h, c)
                end = states[0 if direction else length - 1]
                h_n[layer].append(end[0])
                c_n[layer].append(end[1])
                halves.append([states[t][0] for t in range(length)])
            rows = [torch.cat([half[t] for half in halves]) for t in range(length)]
        zero = torch.zeros_like(rows[0])
        outputs.append(torch.stack(rows + [zero] * (steps - length)))
    stack = lambda lists: torch.stack([torch.stack(part) for part in lists])
    return torch.stack(outputs, 1), stack(h_n), stack(c_n) if c0 is not None else None


def by_torch(spec, w, x, h0, c0, lengths):
    rnn = PLAIN[spec["cell"]](FEATURES, spec["hidden"], num_layers=spec["layers"], bidirectional=spec["directions"] == "both")
    for name, parameter in rnn.named_parameters():
        parameter.data = w[name].detach().clone()
        w[name] = parameter
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    out, end = rnn(packed, (h0, c0) if c0 is not None else h0)
    out, _ = torch.nn.utils.rnn.pad_packed_sequence(out, total_length=x.shape[0])
    return (out, *end) if c0 is not None else (out, end, None)


def shapes(spec):
    hidden, gates = spec["hidden"], GATES[spec["cell"]]
    directions = 2 if spec["directions"] == "both" else 1
    for level in range(spec["layers"]):
        for suffix in ([f"_l{level}"], [f"_l{level}", f"_l{level}_reverse"])[directions - 1]:
            yield "weight_ih" + suffix, (gates * hidden, FEATURES if level == 0 else directions * hidden)
            yield "weight_hh" + suffix, (gates * hidden, hidden)
            yield "bias_ih" + suffix, (gates * hidden,)
            yield "bias_hh" + suffix, (gates * hidden,)
            if spec.get("peepholes"):
                yield "weight_peephole" + suffix, ((2 if gates == 3 else 3) * hidden,)
            if spec.get("layer_norm"):
                blocks = 4 if spec["cell"] == "gru" else gates
                yield "norm_gain" + suffix, (blocks * hidden,)
                yield "norm_bias" + suffix, (blocks * hidden,)


def check(number, spec, steps, rows, forward):
    generator = torch.Generator().manual_seed(number)
    draw = lambda *shape: torch.rand(*shape, generator=generator) - 0.5
    w = {name: (draw(*shape) * 2 / spec["hidden"] ** 0.5 + (1 if "gain" in name else 0)).requires_grad_()
         for name, shape in shapes(spec)}
    layers = spec["layers"] * (2 if spec["directions"] == "both" else 1)
    lengths = LENGTHS[steps] if rows == 3 else [steps]
    x = (2 * draw(steps, rows, FEATURES)).requires_grad_()
    h0 = draw(layers, rows, spec["hidden"]).requires_grad_()
    c0 = draw(layers, rows, spec["hidden"]).requires_grad_() if spec["cell"].startswith("lstm") else None
    out, h_n, c_n = forward(spec, w, x, h0, c0, lengths)
    dy, dh = draw(*out.shape), draw(*h_n.shape)
    dc = draw(*c_n.shape) if c0 is not None else None
    value = (out * dy).sum() + (h_n * dh).sum() + ((c_n * dc).sum() if c0 is not None else 0)
    value.backward()
    expected = {"output": out, "h_n": h_n, "d x": x.grad, "d h0": h0.grad}
    if c0 is not None:
        expected.update({"c_n": c_n, "d c0": c0.grad})
    expected.update({"d " + name: t.grad for name, t in w.items()})
    missing = [name for name, b in expected.items() if b is None]
    if missing:
        return f"the equations do not reach {missing}", 0.0
    worst = 0.0
    for precision in ("--double", "--float"):
        try:
            got = ribostep(spec, w, x, h0, c0, lengths, dy, dh, dc, precision)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            return f"{precision[2:]}: {error}", worst
        for name, b in expected.items():
            a = torch.tensor(got["gradients"][name[2:]] if name.startswith("d ") else got[name])
            size = float(b.abs().max())
            off = float((a - b).abs().max())
            limit = 1e-10 * size if precision == "--double" else 1e-5 + 5e-5 * size
            if a.shape != b.shape or not off <= limit:
                return f"{precision[2:]} {name}: off by {off:.3g}, largest entry {size:.3g}", worst
            if precision == "--double" and size > 0:
                worst = max(worst, off / size)
    return None, worst


def cases():
    for cell in PLAIN:
        for layers in (1, 2):
            for directions in ("forward", "both"):
                for steps in (1, 7, 200):
                    for hidden in (1, 5, 64):
                        for rows in (1, 3):
                            yield dict(cell=cell, hidden=hidden, layers=layers, directions=directions), steps, rows, by_torch
    for cell in GATES:
        for options in ({}, {"peepholes": True}, {"layer_norm": True}, {"peepholes": True, "layer_norm": True}):
            if options.get("peepholes") and not cell.startswith("lstm"):
                continue
            for wiring in ({"layers": 1, "directions": "forward"}, {"layers": 2, "directions": "both"},
                           {"layers": 2, "directions": "both", "dilations": [1, 3]},
                           {"layers": 1, "directions": "forward", "dilations": [9]}):
                if options or "dilations" in wiring or cell not in PLAIN:
                    yield {"cell": cell, "hidden": 5, **wiring, **options}, 7, 3, by_equations


def main():
    passed, failed, worst = 0, 0, 0.0
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        todo = list(cases())
        for case, (trouble, off) in zip(todo, pool.map(lambda c: check(c[0], *c[1]), enumerate(todo))):
            worst = max(worst, off)
            if trouble:
                failed += 1
                print(f"FAIL {json.dumps(case[0])} steps {case[1]} rows {case[2]}: {trouble}")
            else:
                passed += 1
    print(f"PyTorch {torch.__version__}; largest difference in double {worst:.2g} of a tensor's largest entry")
    print(f"torch: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
