// A Sensitivity as bytes and back: minus infinity, which JSON does not know, is a common figure in it.
#include <cmath>
#include <cstring>
#include <optional>
#include <utility>

#include "io/encoding.h"
#include "io/json_put.h"
#include "session/looking.h"

namespace ribostep::session {
namespace {

using io::put;
using io::put_size;

void append(const std::vector<double>& values, Bytes& out) {
  for (const double value : values) {
    std::uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    for (int i = 0; i < 8; ++i) out.push_back(static_cast<std::uint8_t>(bits >> (8 * i)));
  }
}
void append(const std::vector<float>& values, Bytes& out) {
  const Bytes bytes = io::float_bytes(values);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

// Numbers from the front of a body; remembers when it was too short.
class BodyReader {
 public:
  explicit BodyReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::vector<double> doubles(std::size_t count) {
    std::vector<double> values;
    const auto bytes = take(count, 8);
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
      std::uint64_t bits = 0;
      for (std::size_t i = 0; i < 8; ++i) bits |= static_cast<std::uint64_t>(bytes[at + i]) << (8 * i);
      double value;
      std::memcpy(&value, &bits, sizeof value);
      values.push_back(value);
    }
    return values;
  }
  std::vector<float> floats(std::size_t count) {
    return io::floats_from(take(count, 4)).value_or(std::vector<float>());
  }
  bool whole() const { return good_ && bytes_.empty(); }

 private:
  std::span<const std::uint8_t> take(std::size_t count, std::size_t size) {
    if (count > bytes_.size() / size) {
      good_ = false;
      return {};
    }
    const auto part = bytes_.first(count * size);
    bytes_ = bytes_.subspan(count * size);
    return part;
  }

  std::span<const std::uint8_t> bytes_;
  bool good_ = true;
};

template <class T>
nlohmann::json sizes_of(const std::vector<std::vector<T>>& rows) {
  nlohmann::json sizes = nlohmann::json::array();
  for (const std::vector<T>& row : rows) sizes.push_back(row.size());
  return sizes;
}
std::size_t size_of(const nlohmann::json& size) {
  return size.is_number_unsigned() ? size.get<std::size_t>() : 0;
}

}  // namespace

void pack(const rnn::Sensitivity& from, Message& to) {
  nlohmann::json& head = to.head["sensitivity"];
  put(head, "steps", from.steps);
  put(head, "letters_per_step", from.letters_per_step);
  put(head, "note", from.jacobian_note);
  put(head, "states", sizes_of(from.state_gradient));
  put_size(head, "inputs", from.input_gradient.size());
  put_size(head, "jacobians", from.step_sigma.size());
  put(head, "paths", sizes_of(from.direct_path));
  to.body.clear();
  for (const auto& row : from.state_gradient) append(row, to.body);
  append(from.input_gradient, to.body);
  append(from.step_sigma, to.body);
  append(from.product_sigma, to.body);
  for (const auto& row : from.direct_path) append(row, to.body);
}

std::unique_ptr<rnn::Sensitivity> unpack_sensitivity(const Message& message) {
  const auto head = message.head.find("sensitivity");
  if (head == message.head.end() || !head->is_object()) return nullptr;
  auto out = std::make_unique<rnn::Sensitivity>();
  out->steps = head->value("steps", 0);
  out->letters_per_step = head->value("letters_per_step", 1);
  out->jacobian_note = head->value("note", std::string());
  BodyReader body(message.body);
  for (const auto& size : head->value("states", nlohmann::json::array()))
    out->state_gradient.push_back(body.doubles(size_of(size)));
  out->input_gradient = body.doubles(size_of(head->value("inputs", nlohmann::json())));
  const std::size_t jacobians = size_of(head->value("jacobians", nlohmann::json()));
  out->step_sigma = body.doubles(jacobians);
  out->product_sigma = body.doubles(jacobians);
  for (const auto& size : head->value("paths", nlohmann::json::array()))
    out->direct_path.push_back(body.floats(size_of(size)));
  if (!body.whole()) return nullptr;
  return out;
}

nlohmann::json turning_json(const Turning& t) {
  nlohmann::json out;
  put(out, "change", t.largest_change);
  put(out, "shift", t.shift);
  put(out, "position", t.position);
  put(out, "output", t.output);
  put(out, "unsettled", t.unsettled);
  return out;
}

Turning turning_from(const nlohmann::json& json) {
  Turning t;
  if (!json.is_object()) return t;
  t.largest_change = json.value("change", 0.0);
  t.shift = json.value("shift", 0);
  t.position = json.value("position", 0);
  t.output = json.value("output", 0);
  t.unsettled = json.value("unsettled", 0);
  return t;
}

}  // namespace ribostep::session
