// An attribution as bytes and back: it may hold what JSON does not know.
#include <algorithm>
#include <cstring>
#include <limits>

#include "io/json_put.h"
#include "session/attributions.h"

namespace ribostep::session {
namespace {

using io::put;
using io::put_size;

using experiment::Attribution;
using experiment::AttributionRequest;

void append(Bytes& out, double value) {
  std::uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<std::uint8_t>(bits >> (8 * i)));
}
double number_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i) bits |= static_cast<std::uint64_t>(bytes[8 * at + i]) << (8 * i);
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

constexpr std::size_t kFigures = 4, kControlFigures = 4;

}  // namespace

nlohmann::json request_json(const AttributionRequest& r) {
  nlohmann::json head;
  put(head, "method", experiment::name(r.method));
  put(head, "baseline", experiment::name(r.baseline));
  put(head, "target", experiment::name(r.target));
  put(head, "output", r.output);
  put(head, "row", r.row);
  put(head, "window", r.window);
  put(head, "shuffles", r.shuffles);
  put(head, "seed", r.seed);
  return head;
}

AttributionRequest attribution_request_from(const nlohmann::json& head) {
  AttributionRequest r;
  r.method = experiment::attribution_method(text_in(head, "method")).value_or(r.method);
  r.baseline = experiment::attribution_baseline(text_in(head, "baseline")).value_or(r.baseline);
  r.target = experiment::attribution_target(text_in(head, "target")).value_or(r.target);
  r.output = whole_in(head, "output", 0);
  r.row = whole_in(head, "row", -1);
  r.window = std::clamp(whole_in(head, "window", 1), 1, experiment::kMostOccluded);
  r.shuffles = std::clamp(whole_in(head, "shuffles", r.shuffles), 1, experiment::kMostShuffles);
  const auto seed = head.find("seed");
  if (seed != head.end() && seed->is_number_unsigned()) r.seed = seed->get<std::uint64_t>();
  return r;
}

void pack(const Attribution& from, Message& to, const AttributionControl* control) {
  const std::size_t letters = std::min(from.letters.size(), static_cast<std::size_t>(from.reach));
  const std::size_t effects = from.effects.empty() ? 0 : letters * static_cast<std::size_t>(from.symbols);
  nlohmann::json& head = to.head["attribution"];
  put(head, "request", request_json(from.request));
  put(head, "symbols", from.symbols);
  put(head, "reach", from.reach);
  put_size(head, "length", from.letters.size());
  put(head, "done", from.done);
  put(head, "steps", from.steps);
  put(head, "baselines", from.baselines);
  put(head, "adds_up", from.adds_up);
  put(head, "trusted", from.trusted);
  put(head, "note", from.note);
  put_size(head, "letters", letters);
  put_size(head, "effects", effects);
  put(head, "control", control != nullptr);
  to.body.clear();
  for (const double x : {from.f, from.f0, from.sum, from.residual}) append(to.body, x);
  for (std::size_t i = 0; i < letters; ++i) append(to.body, from.letters[i]);
  for (std::size_t i = 0; i < effects; ++i) append(to.body, from.effects[i]);
  if (control)
    for (const double x : {control->sum, control->f, control->f0, control->correlation}) append(to.body, x);
}

std::unique_ptr<Attribution> unpack_attribution(const Message& message,
                                                std::optional<AttributionControl>& control) {
  const auto found = message.head.find("attribution");
  if (found == message.head.end() || !found->is_object()) return nullptr;
  const nlohmann::json& head = *found;
  const auto size = [&](const char* key) {
    return static_cast<std::size_t>(std::max(0, whole_in(head, key, 0)));
  };
  auto out = std::make_unique<Attribution>();
  const auto request = head.find("request");
  if (request != head.end()) out->request = attribution_request_from(*request);
  out->symbols = whole_in(head, "symbols", 0);
  out->reach = whole_in(head, "reach", 0);
  out->done = whole_in(head, "done", 0);
  out->steps = whole_in(head, "steps", 0);
  out->baselines = whole_in(head, "baselines", 1);
  out->adds_up = truth_in(head, "adds_up", false);
  out->trusted = truth_in(head, "trusted", false);
  out->note = text_in(head, "note");
  const std::size_t letters = size("letters"), effects = size("effects"), length = size("length");
  const bool with_control = truth_in(head, "control", false);
  const std::size_t numbers = kFigures + letters + effects + (with_control ? kControlFigures : 0);
  if (message.body.size() != 8 * numbers || letters > length || length > (1u << 30u)) return nullptr;
  if (effects != 0 && effects != letters * static_cast<std::size_t>(std::max(0, out->symbols)))
    return nullptr;
  std::size_t at = 0;
  for (double* to : {&out->f, &out->f0, &out->sum, &out->residual}) *to = number_at(message.body, at++);
  out->letters.assign(length, 0.0);
  for (std::size_t i = 0; i < letters; ++i) out->letters[i] = number_at(message.body, at++);
  if (effects > 0) out->effects.assign(length * static_cast<std::size_t>(out->symbols), 0.0);
  for (std::size_t i = 0; i < effects; ++i) out->effects[i] = number_at(message.body, at++);
  control.reset();
  if (with_control) {
    control.emplace();
    for (double* to : {&control->sum, &control->f, &control->f0, &control->correlation})
      *to = number_at(message.body, at++);
  }
  return out;
}

}  // namespace ribostep::session
