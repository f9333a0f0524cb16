// `ribostep forward`: the recurrent layers alone on given numbers, for people who check them against their
// framework.
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/commands.h"
#include "io/json_reader.h"
#include "io/safetensors.h"
#include "io/tables.h"
#include "rnn/recurrent_pass.h"

namespace ribostep::cli {
namespace {

using nlohmann::json;

const std::vector<Option> kForwardOptions = {
    {"--weights", "FILE", "safetensors with the tensors named below, nothing missing"},
    {"--spec", "FILE", "JSON {\"cell\": \"lstm\", \"hidden\": H, ...}, see below"},
    {"--input", "FILE",
     "JSON {\"x\": [L][B][F], \"h0\", \"c0\": [layers*D][B][H] (zeros), \"lengths\": [B] (all L)}"},
    {"--dy", "FILE",
     "JSON {\"dy\": [L][B][D*H], \"dh_n\", \"dc_n\": [layers*D][B][H]}: also prints the gradients of "
     "sum(dy*output) + sum(dh_n*h_n) + sum(dc_n*c_n)"},
    {"--double", nullptr, "compute in double instead of float"},
    {"--float", nullptr, "compute in float (as the page does)"}};

constexpr const char* kNotes =
    R"(Sizes: L steps, B rows, F inputs, H hidden units, D directions (1 or 2). G gates, in this order:

  cell                  G  gates    a step (s = sigmoid; a is the gate's W_x x + b_x + W_h h' + b_h)
  elman, elman_relu     1  h        h = tanh(a), h = max(0, a)
  lstm                  4  i f g o  i, f, o = s(a), g = tanh(a), c = f c' + i g, h = o tanh(c)
  lstm_bounded          4  i f g o  the same with g = s(a)
  lstm_coupled          3  f g o    the same as lstm with i = 1 - f
  lstm_bounded_coupled  3  f g o    both
  gru                   3  r z n    r, z = s(a), n = tanh(W_xn x + b_xn + r (W_hn h' + b_hn)), h = (1 - z) n + z h'

--spec: "cell" ("lstm"), "hidden" (16), "layers" (1), "directions": "forward" or "both" ("forward"), and
  "peepholes": true (LSTMs)  p_i c' and p_f c' are added within i and f, p_o c (the new one) within o
  "layer_norm": true         each gate's a becomes gain * (a - mean) / sqrt(variance + 1e-5) + bias, mean and
                             variance over the H units; peepholes are added after that. Of a GRU's n the two parts
                             W_xn x + b_xn and W_hn h' + b_hn are normalised apart
  "dilations": [1, 2, 4]     one per layer: step t is fed by step t-d (in reverse t+d); h0 and c0 feed the first d

--weights: in PyTorch's names, for layer 0, 1, ... as _l0, _l1, ..., of the reverse direction with _reverse behind:
  weight_ih_l0 [G*H,F] (layers above the first [G*H,D*H])   weight_hh_l0 [G*H,H]   bias_ih_l0, bias_hh_l0 [G*H]
  weight_peephole_l0 [3*H]: p_i p_f p_o; coupled cells [2*H]: p_f p_o
  norm_gain_l0, norm_bias_l0 [G*H] in the order of the gates; gru [4*H]: n's part from x, r, z, n's part from h'
Weights of a plain lstm, gru or Elman network are those of torch.nn.LSTM, GRU or RNN.
)";

std::optional<std::string> text_of_file(const Arguments& arguments, const char* option) {
  const std::string path = arguments.text(option);
  const auto bytes = read_file(path);
  if (!bytes) {
    complain("cannot read " + (path.empty() ? std::string("the file of ") + option + ": give one"
                                            : path + ": is the name right?"));
    return std::nullopt;
  }
  return std::string(bytes->begin(), bytes->end());
}

bool report(const Diagnostics& diagnostics) {
  bool good = true;
  for (const Diagnostic& d : diagnostics) {
    complain(d.text());
    good = good && d.severity != Severity::Error;
  }
  return good;
}

std::optional<json> object_of(const Arguments& arguments, const char* option) {
  const auto text = text_of_file(arguments, option);
  if (!text) return std::nullopt;
  Diagnostics diagnostics;
  json value = io::parse_json(*text, diagnostics);
  if (!report(diagnostics)) return std::nullopt;
  if (!value.is_object()) {
    complain(arguments.text(option) + " must hold a JSON object; see `ribostep forward --help`");
    return std::nullopt;
  }
  return value;
}

// A nested array of exactly this shape into a flat one; `shape` entries of -1 are filled in from what is
// found.
bool flatten(const json& value, std::vector<int>& shape, std::size_t depth, const std::string& name,
             std::vector<double>& out) {
  if (depth == shape.size()) {
    if (!value.is_number() || !std::isfinite(value.get<double>())) {
      complain("\"" + name + "\" holds something that is no finite number");
      return false;
    }
    out.push_back(value.get<double>());
    return true;
  }
  const int size = value.is_array() ? static_cast<int>(value.size()) : -1;
  if (shape[depth] < 0) shape[depth] = size;
  if (size < 1 || size != shape[depth]) {
    complain("\"" + name + "\" needs " + std::to_string(std::max(1, shape[depth])) +
             " entries in dimension " + std::to_string(depth + 1) + " of " + std::to_string(shape.size()) +
             ", found " + (size < 0 ? "no list" : std::to_string(size)));
    return false;
  }
  for (const json& part : value)
    if (!flatten(part, shape, depth + 1, name, out)) return false;
  return true;
}

// Leaves `out` empty when the key is missing.
bool optional_array(const json& object, const char* name, std::vector<int> shape, std::vector<double>& out) {
  return !object.contains(name) || flatten(object[name], shape, 0, name, out);
}

json nested(const std::vector<double>& values, const std::vector<int>& shape, std::size_t depth,
            std::size_t& at) {
  json list = json::array();
  for (int i = 0; i < shape[depth]; ++i)
    list.push_back(depth + 1 == shape.size() ? json(values[at++]) : nested(values, shape, depth + 1, at));
  return list;
}
template <class T>
json array_of(const std::vector<T>& values, const std::vector<int>& shape) {
  std::size_t at = 0;
  return nested({values.begin(), values.end()}, shape, 0, at);
}
template <class T>
std::vector<T> as(const std::vector<double>& values) {
  std::vector<T> out;
  for (const double v : values) out.push_back(static_cast<T>(v));
  return out;
}

struct Request {
  rnn::Network net;
  std::vector<double> parameters;
  rnn::PassInput<double> input;
  bool backward = false;
  std::vector<double> dy, dh_n, dc_n;
};

template <class E>
void read_choice(io::ObjectReader& reader, const char* key, std::optional<E> (*parse)(std::string_view),
                 E& out) {
  std::string text;
  if (!reader.text(key, text, 64)) return;
  if (const auto value = parse(text)) {
    out = *value;
    return;
  }
  std::string expected;
  for (int i = 0; i < rnn::kCount<E>; ++i)
    expected += (i == 0 ? "" : ", ") + std::string(rnn::name(static_cast<E>(i)));
  reader.error(key, "must be one of " + expected);
}

bool read_spec(const Arguments& arguments, rnn::ModelSpec& spec) {
  const auto object = object_of(arguments, "--spec");
  if (!object) return false;
  Diagnostics diagnostics;
  io::ObjectReader reader(*object, "", diagnostics);
  read_choice<rnn::CellKind>(reader, "cell", rnn::cell_kind, spec.cell);
  read_choice<rnn::Directions>(reader, "directions", rnn::directions, spec.directions);
  reader.whole("hidden", spec.hidden, 1, rnn::kMaxHidden);
  reader.whole("layers", spec.layers, 1, rnn::kMaxLayers);
  reader.truth("peepholes", spec.peepholes);
  reader.truth("layer_norm", spec.layer_norm);
  if (const json* dilations = reader.array("dilations", rnn::kMaxLayers))
    for (const json& entry : *dilations) {
      std::int64_t d = 0;
      if (!io::read_whole(entry, "dilations", d, 1, 1'000'000, diagnostics)) break;
      spec.dilations.push_back(static_cast<int>(d));
    }
  reader.finish();
  if (spec.directions != rnn::Directions::Forward && spec.directions != rnn::Directions::Both)
    reader.error("directions", "must be forward or both, because numbers have no second strand");
  if (!report(diagnostics)) return false;
  if (const std::string why = problem(spec); !why.empty()) {
    complain(arguments.text("--spec") + " cannot be used: " + why);
    return false;
  }
  return true;
}

bool read_request(const Arguments& arguments, Request& request) {
  rnn::ModelSpec spec;
  if (!read_spec(arguments, spec)) return false;
  const auto input = object_of(arguments, "--input");
  if (!input) return false;
  if (!input->contains("x")) {
    complain("--input needs \"x\", a list [L][B][F]");
    return false;
  }
  std::vector<int> shape = {-1, -1, -1};
  rnn::PassInput<double>& in = request.input;
  if (!flatten((*input)["x"], shape, 0, "x", in.x)) return false;
  in.steps = shape[0];
  in.rows = shape[1];
  in.inputs = shape[2];
  request.net = rnn::make_recurrent_network(spec, in.inputs);
  const int layers = static_cast<int>(request.net.layers.size());
  const std::vector<int> states = {layers, in.rows, spec.hidden};
  if (!optional_array(*input, "h0", states, in.h0) || !optional_array(*input, "c0", states, in.c0))
    return false;
  std::vector<double> lengths;
  if (!optional_array(*input, "lengths", {in.rows}, lengths)) return false;
  for (const double length : lengths) {
    if (length != std::floor(length) || length < 1 || length > in.steps) {
      complain("\"lengths\" must be whole numbers from 1 to " + std::to_string(in.steps));
      return false;
    }
    in.lengths.push_back(static_cast<int>(length));
  }

  const auto weights = text_of_file(arguments, "--weights");
  if (!weights) return false;
  Diagnostics diagnostics;
  const std::vector<std::uint8_t> bytes(weights->begin(), weights->end());
  const auto tensors = io::read_safetensors(bytes, diagnostics);
  if (!report(diagnostics)) return false;
  diagnostics.clear();
  const auto parameters = io::from_tensors(request.net, tensors, diagnostics);
  if (!report(diagnostics) || !parameters) return false;
  request.parameters = *parameters;

  request.backward = arguments.has("--dy");
  if (!request.backward) return true;
  const auto dy = object_of(arguments, "--dy");
  return dy && optional_array(*dy, "dy", {in.steps, in.rows, request.net.features}, request.dy) &&
         optional_array(*dy, "dh_n", states, request.dh_n) &&
         optional_array(*dy, "dc_n", states, request.dc_n);
}

template <class T>
json answer(const Request& request) {
  const auto& in = request.input;
  const rnn::Network& net = request.net;
  const int layers = static_cast<int>(net.layers.size());
  const std::vector<int> states = {layers, in.rows, net.spec.hidden},
                         x_shape = {in.steps, in.rows, in.inputs};
  const bool cells = rnn::has_cell_state(net.spec.cell);
  rnn::RecurrentPass<T> pass(net);
  const std::vector<T> parameters = as<T>(request.parameters);
  const auto out = pass.forward(
      parameters, {in.steps, in.rows, in.inputs, as<T>(in.x), in.lengths, as<T>(in.h0), as<T>(in.c0)});
  json result = {{"output", array_of(out.output, {in.steps, in.rows, net.features})},
                 {"h_n", array_of(out.h_n, states)}};
  if (cells) result["c_n"] = array_of(out.c_n, states);
  if (!request.backward) return result;
  const auto g = pass.backward(as<T>(request.dy), as<T>(request.dh_n), as<T>(request.dc_n));
  json gradients = {{"x", array_of(g.x, x_shape)}, {"h0", array_of(g.h0, states)}};
  if (cells) gradients["c0"] = array_of(g.c0, states);
  for (const io::NamedTensor& tensor :
       io::to_tensors(net, std::vector<double>(g.parameters.begin(), g.parameters.end()))) {
    const std::vector<int> shape(tensor.shape.begin(), tensor.shape.end());
    gradients[tensor.name] = array_of(tensor.values, shape);
  }
  result["gradients"] = std::move(gradients);
  return result;
}

Exit run_forward(Arguments& arguments) {
  if (arguments.has("--double") && arguments.has("--float")) {
    arguments.complain("choose one of --double and --float");
    return kUsage;
  }
  for (const char* needed : {"--weights", "--spec", "--input"})
    if (!arguments.has(needed)) {
      arguments.complain(std::string(needed) + " is needed");
      return kUsage;
    }
  Request request;
  if (!read_request(arguments, request)) return kFailed;
  const json result = arguments.has("--double") ? answer<double>(request) : answer<float>(request);
  std::printf("%s\n", result.dump().c_str());
  return kOk;
}

}  // namespace

const Command kForward = {"forward",
                          "--weights FILE --spec FILE --input FILE",
                          "outputs, final states and gradients of given weights on given numbers, as JSON",
                          0,
                          {kForwardOptions},
                          run_forward,
                          kNotes};

}  // namespace ribostep::cli
