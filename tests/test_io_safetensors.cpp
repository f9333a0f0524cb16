// safetensors: round trips, every type, and files that are cut off, lie about sizes or do not fit the
// network.
#include <doctest/doctest.h>

#include <map>
#include <string>

#include "io/safetensors.h"

using namespace ribostep;

namespace {

rnn::Network network() {
  rnn::ModelSpec spec;
  spec.cell = rnn::CellKind::Gru;
  spec.hidden = 3;
  spec.layers = 2;
  spec.directions = rnn::Directions::Both;
  return rnn::make_network(spec);
}
std::vector<double> weights(const rnn::Network& net) {
  std::vector<double> values(net.parameter_count);
  rnn::initialise<double>(net, 7, values);
  return values;
}
// A file around one tensor whose header entry is given.
std::vector<std::uint8_t> file_of(const std::string& entry, std::vector<std::uint8_t> data) {
  const std::string header = "{\"w\":" + entry + "}";
  std::vector<std::uint8_t> bytes;
  for (unsigned i = 0; i < 8; ++i)
    bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(header.size()) >> (8 * i)));
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}
std::string error_of(const std::vector<std::uint8_t>& bytes) {
  Diagnostics diagnostics;
  const auto tensors = io::read_safetensors(bytes, diagnostics);
  return diagnostics.empty() ? std::string() : diagnostics.front().text();
}

}  // namespace

TEST_CASE("a network goes through a safetensors file and back, bit for bit") {
  const rnn::Network net = network();
  const std::vector<double> before = weights(net);
  for (const io::TensorType type : {io::TensorType::Float64, io::TensorType::Float32}) {
    const auto bytes = io::write_safetensors(io::to_tensors(net, before), type);
    CHECK((bytes.size() - net.parameter_count * (type == io::TensorType::Float64 ? 8 : 4)) % 8 == 0);
    Diagnostics diagnostics;
    const auto after = io::from_tensors(net, io::read_safetensors(bytes, diagnostics), diagnostics);
    REQUIRE(after);
    CHECK(diagnostics.empty());
    bool same = true;
    for (std::size_t i = 0; i < before.size(); ++i)
      same = same && (*after)[i] == (type == io::TensorType::Float64
                                         ? before[i]
                                         : static_cast<double>(static_cast<float>(before[i])));
    CHECK(same);
  }
}

TEST_CASE("half, bfloat16, float and double are read; other types are refused by name") {
  const auto value = [](const char* type, const std::vector<std::uint8_t>& data) {
    Diagnostics diagnostics;
    const auto tensors = io::read_safetensors(
        file_of("{\"dtype\":\"" + std::string(type) + "\",\"shape\":[1],\"data_offsets\":[0," +
                    std::to_string(data.size()) + "]}",
                data),
        diagnostics);
    REQUIRE(tensors.size() == 1);
    return tensors[0].values.at(0);
  };
  CHECK(value("F16", {0x00, 0xc1}) == -2.5);
  CHECK(value("BF16", {0x20, 0xc0}) == -2.5);
  CHECK(value("F32", {0, 0, 0x20, 0xc0}) == -2.5);
  CHECK(value("F64", {0, 0, 0, 0, 0, 0, 0x04, 0xc0}) == -2.5);
  CHECK(error_of(file_of(R"({"dtype":"I64","shape":[1],"data_offsets":[0,8]})", std::vector<std::uint8_t>(8)))
            .find("I64") != std::string::npos);
}

TEST_CASE(
    "a file that was cut off anywhere, or lies about sizes, is an error and takes no memory for its lies") {
  const rnn::Network net = network();
  const auto bytes = io::write_safetensors(io::to_tensors(net, weights(net)), io::TensorType::Float32);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(error_of({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}).empty());
  const std::vector<std::uint8_t> data(16);
  for (const char* entry : {R"({"dtype":"F32","shape":[1099511627775,1099511627775],"data_offsets":[0,16]})",
                            R"({"dtype":"F32","shape":[5],"data_offsets":[0,16]})",
                            R"({"dtype":"F32","shape":[4],"data_offsets":[16,0]})",
                            R"({"dtype":"F32","shape":[-4],"data_offsets":[0,16]})",
                            R"({"dtype":"F32","shape":[4],"data_offsets":[0,99]})",
                            R"({"dtype":"F32","shape":"4","data_offsets":[0,16]})",
                            R"({"dtype":4,"shape":[4],"data_offsets":[0,16]})",
                            R"({"dtype":"F32","shape":[4]})", R"([])", R"(3)"})
    CHECK_MESSAGE(!error_of(file_of(entry, data)).empty(), entry);
}

TEST_CASE("every tensor a network can have goes out under its name, in one dimension if it is a vector") {
  rnn::ModelSpec spec;
  spec.cell = rnn::CellKind::LstmCoupled;
  spec.hidden = 2;
  spec.symbols = 4;
  spec.peepholes = spec.layer_norm = true;
  spec.embedding = 3;
  spec.initial = rnn::InitialState::Encoder;
  spec.covariates = {"age"};
  spec.covariate_center = spec.covariate_scale = {1};
  spec.encoder_units = 5;
  const rnn::Network net = rnn::make_network(spec);
  const std::vector<io::NamedTensor> tensors = io::to_tensors(net, weights(net));
  const std::map<std::string, std::vector<std::int64_t>> expected = {
      {"weight_ih_l0", {6, 3}},     {"weight_hh_l0", {6, 2}},
      {"bias_ih_l0", {6}},          {"bias_hh_l0", {6}},
      {"weight_peephole_l0", {4}},  {"norm_gain_l0", {6}},
      {"norm_bias_l0", {6}},        {"encoder.weight", {5, 1}},
      {"encoder.bias", {5}},        {"encoder.h_0_l0.weight", {2, 5}},
      {"encoder.h_0_l0.bias", {2}}, {"encoder.c_0_l0.weight", {2, 5}},
      {"encoder.c_0_l0.bias", {2}}, {"embedding.weight", {4, 3}},
      {"readout.weight", {2, 2}},   {"readout.bias", {2}}};
  std::map<std::string, std::vector<std::int64_t>> found;
  for (const io::NamedTensor& t : tensors) found[t.name] = t.shape;
  CHECK(found == expected);
  Diagnostics diagnostics;
  CHECK(io::from_tensors(net, tensors, diagnostics) == weights(net));
  CHECK(diagnostics.empty());

  spec.initial = rnn::InitialState::ByClass;
  spec.covariate_classes = 3;
  for (const io::NamedTensor& t : io::to_tensors(rnn::make_network(spec), weights(rnn::make_network(spec))))
    if (t.name == "h_0_l0" || t.name == "c_0_l0") CHECK(t.shape == std::vector<std::int64_t>{3, 2});
}

TEST_CASE("everything that is missing, misshapen or superfluous is named at once") {
  const rnn::Network net = network();
  std::vector<io::NamedTensor> tensors = io::to_tensors(net, weights(net));
  tensors[0].name = "rnn.weight_ih_l0";
  tensors[2].shape = {9, 1};
  tensors[5].name = "rnn.weight_hh_l0_reverse";
  Diagnostics diagnostics;
  CHECK_FALSE(io::from_tensors(net, tensors, diagnostics));
  std::string text;
  for (const Diagnostic& d : diagnostics) text += d.text() + "\n";
  for (const char* part : {"\"weight_ih_l0\" of shape [9, 4] is missing",
                           "\"bias_ih_l0\" has shape [9, 1], the network needs [9]",
                           "\"weight_hh_l0_reverse\" of shape [9, 3] is missing",
                           "\"rnn.weight_ih_l0\" has no place", "\"rnn.weight_hh_l0_reverse\" has no place"})
    CHECK_MESSAGE(text.find(part) != std::string::npos, part << " in " << text);
  CHECK(diagnostics.size() == 5);
}

TEST_CASE("a tensor that is missing or has another shape is named; an unknown one is noted") {
  const rnn::Network net = network();
  std::vector<io::NamedTensor> tensors = io::to_tensors(net, weights(net));
  Diagnostics diagnostics;
  tensors[1].shape = {3, 9};
  CHECK_FALSE(io::from_tensors(net, tensors, diagnostics));
  CHECK(diagnostics.back().text() == "tensor \"weight_hh_l0\" has shape [3, 9], the network needs [9, 3]");
  tensors[1].name = "extra";
  diagnostics.clear();
  CHECK_FALSE(io::from_tensors(net, tensors, diagnostics));
  CHECK(diagnostics.front().text().find("\"weight_hh_l0\" of shape [9, 3] is missing") != std::string::npos);
  diagnostics.clear();
  tensors = io::to_tensors(net, weights(net));
  tensors.push_back({"extra", {1}, {1.0}});
  CHECK(io::from_tensors(net, tensors, diagnostics));
  CHECK(diagnostics.size() == 1);
  CHECK(diagnostics[0].severity == Severity::Note);
}
