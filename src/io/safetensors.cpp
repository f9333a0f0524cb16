#include "io/safetensors.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "io/encoding.h"
#include "io/json_reader.h"

namespace ribostep::io {
namespace {

using nlohmann::json;

struct Type {
  const char* name;
  std::size_t size;
  double (*read)(const std::uint8_t*);
};

std::uint64_t little_endian(const std::uint8_t* p, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= static_cast<std::uint64_t>(p[i]) << (8 * i);
  return value;
}
template <class To, class From>
To bits_as(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}
double read_f64(const std::uint8_t* p) { return bits_as<double>(little_endian(p, 8)); }
double read_f32(const std::uint8_t* p) {
  return static_cast<double>(bits_as<float>(static_cast<std::uint32_t>(little_endian(p, 4))));
}
// bfloat16 is the upper half of a float.
double read_bf16(const std::uint8_t* p) {
  return static_cast<double>(bits_as<float>(static_cast<std::uint32_t>(little_endian(p, 2) << 16)));
}
double read_f16(const std::uint8_t* p) {
  const auto values = floats_from_halves(std::span(p, 2));
  return static_cast<double>((*values)[0]);
}
constexpr Type kTypes[] = {
    {"F64", 8, read_f64}, {"F32", 4, read_f32}, {"F16", 2, read_f16}, {"BF16", 2, read_bf16}};

bool fail(Diagnostics& diagnostics, const std::string& what) {
  diagnostics.push_back({Severity::Error, 0, 0, what});
  return false;
}

bool is_index(const json& value) {
  return value.is_number_unsigned() && value.get<std::uint64_t>() < (1ULL << 40);
}

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

bool read_one(const std::string& name, const json& entry, std::span<const std::uint8_t> data,
              NamedTensor& out, Diagnostics& diagnostics) {
  const std::string what = "tensor \"" + utf8(name) + "\"";
  if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string() ||
      !entry.contains("shape") || !entry["shape"].is_array() || !entry.contains("data_offsets") ||
      !entry["data_offsets"].is_array() || entry["data_offsets"].size() != 2)
    return fail(diagnostics,
                what + " needs dtype, shape and data_offsets in the file's header: write the file again");
  const std::string type_name = entry["dtype"].get<std::string>();
  const auto type =
      std::find_if(std::begin(kTypes), std::end(kTypes), [&](const Type& t) { return type_name == t.name; });
  if (type == std::end(kTypes))
    return fail(diagnostics,
                what + " has type " + utf8(type_name) + ": save it as F32 (F64, F16 and BF16 are read too)");
  const json &begin = entry["data_offsets"][0], &end = entry["data_offsets"][1];
  if (!is_index(begin) || !is_index(end) || begin.get<std::uint64_t>() > end.get<std::uint64_t>())
    return fail(diagnostics, what + " has offsets that make no sense: the file is damaged");
  if (end.get<std::uint64_t>() > data.size())
    return fail(diagnostics, what + " lies beyond the end of the file: the file was cut off, copy it again");
  std::uint64_t count = 1;
  for (const json& extent : entry["shape"]) {
    if (!is_index(extent)) return fail(diagnostics, what + " has a shape that is no list of sizes");
    out.shape.push_back(extent.get<std::int64_t>());
    // Each factor is bounded before it is multiplied, so the product cannot run over.
    if (extent.get<std::uint64_t>() > data.size() || (count *= extent.get<std::uint64_t>()) > data.size())
      return fail(diagnostics, what + " has a shape larger than the file: the file is damaged");
  }
  const std::uint64_t bytes = end.get<std::uint64_t>() - begin.get<std::uint64_t>();
  if (bytes != count * type->size)
    return fail(diagnostics, what + " of shape " + shape_text(out.shape) + " needs " +
                                 std::to_string(count * type->size) + " bytes, the file gives it " +
                                 std::to_string(bytes) + ": the file is damaged");
  out.name = name;
  out.values.reserve(static_cast<std::size_t>(count));
  const std::uint8_t* p = data.data() + begin.get<std::uint64_t>();
  for (std::uint64_t i = 0; i < count; ++i, p += type->size) out.values.push_back(type->read(p));
  return true;
}

// A matrix of one column keeps its two dimensions; what is a vector has one, as in PyTorch.
bool is_vector(const rnn::Tensor& tensor) {
  for (const char* word : {"bias", "peephole", "norm_gain"})
    if (tensor.name.find(word) != std::string::npos) return true;
  return false;
}
std::vector<std::int64_t> shape_of(const rnn::Tensor& tensor) {
  if (is_vector(tensor)) return {tensor.rows};
  return {tensor.rows, tensor.cols};
}

}  // namespace

std::vector<NamedTensor> read_safetensors(std::span<const std::uint8_t> bytes, Diagnostics& diagnostics) {
  if (bytes.size() < 8) {
    fail(diagnostics, "this is no safetensors file: it is shorter than its own header");
    return {};
  }
  const std::uint64_t told = little_endian(bytes.data(), 8);
  if (told > kMaxTensorHeader) {
    fail(diagnostics, "this is no safetensors file, or its header is larger than " +
                          std::to_string(kMaxTensorHeader >> 20u) + " MB");
    return {};
  }
  const auto size = static_cast<std::size_t>(told);
  if (size > bytes.size() - 8) {
    fail(diagnostics, "the file was cut off inside its header: copy it again");
    return {};
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes.data() + 8), size);
  const json header = parse_json(text, diagnostics);
  if (!header.is_object()) {
    fail(diagnostics, "the file's header is no JSON object: this is no safetensors file");
    return {};
  }
  if (header.size() > kMaxTensors) {
    fail(diagnostics, "the file holds more than " + std::to_string(kMaxTensors) + " tensors");
    return {};
  }
  const std::span<const std::uint8_t> data = bytes.subspan(8 + size);
  std::vector<NamedTensor> tensors;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    NamedTensor tensor;
    if (!read_one(name, entry, data, tensor, diagnostics)) return {};
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

std::vector<std::uint8_t> write_safetensors(const std::vector<NamedTensor>& tensors, TensorType type) {
  const std::size_t width = type == TensorType::Float64 ? 8 : 4;
  json header = json::object();
  std::uint64_t at = 0;
  for (const NamedTensor& tensor : tensors) {
    const std::uint64_t end = at + tensor.values.size() * width;
    header[tensor.name] = {{"dtype", type == TensorType::Float64 ? "F64" : "F32"},
                           {"shape", tensor.shape},
                           {"data_offsets", {at, end}}};
    at = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the numbers begin at a multiple of eight
  std::vector<std::uint8_t> bytes;
  const auto append = [&](std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  };
  append(text.size(), 8);
  bytes.insert(bytes.end(), text.begin(), text.end());
  for (const NamedTensor& tensor : tensors)
    for (const double value : tensor.values) {
      if (type == TensorType::Float64)
        append(bits_as<std::uint64_t>(value), 8);
      else
        append(bits_as<std::uint32_t>(static_cast<float>(value)), 4);
    }
  return bytes;
}

std::vector<NamedTensor> to_tensors(const rnn::Network& net, std::span<const double> parameters) {
  std::vector<NamedTensor> tensors;
  for (const rnn::Tensor& t : net.tensors) {
    const auto values = parameters.subspan(t.offset, t.size());
    tensors.push_back({t.name, shape_of(t), {values.begin(), values.end()}});
  }
  return tensors;
}

std::optional<std::vector<double>> from_tensors(const rnn::Network& net,
                                                const std::vector<NamedTensor>& tensors,
                                                Diagnostics& diagnostics) {
  std::vector<double> parameters(net.parameter_count);
  bool good = true;
  for (const rnn::Tensor& t : net.tensors) {
    const auto at =
        std::find_if(tensors.begin(), tensors.end(), [&](const NamedTensor& n) { return n.name == t.name; });
    const std::vector<std::int64_t> shape = shape_of(t);
    if (at == tensors.end()) {
      good = fail(diagnostics, "tensor \"" + t.name + "\" of shape " + shape_text(shape) +
                                   " is missing: does the model fit the file?");
    } else if (at->shape != shape) {
      good = fail(diagnostics, "tensor \"" + t.name + "\" has shape " + shape_text(at->shape) +
                                   ", the network needs " + shape_text(shape));
    } else {
      std::copy(at->values.begin(), at->values.end(),
                parameters.begin() + static_cast<std::ptrdiff_t>(t.offset));
    }
  }
  for (const NamedTensor& n : tensors)
    if (std::none_of(net.tensors.begin(), net.tensors.end(),
                     [&](const rnn::Tensor& t) { return t.name == n.name; }))
      diagnostics.push_back(
          {Severity::Note, 0, 0,
           "tensor \"" + utf8(n.name) + "\" has no place in this network and was left out"});
  if (!good) return std::nullopt;
  return parameters;
}

}  // namespace ribostep::io
