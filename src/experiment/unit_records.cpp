#include "experiment/unit_records.h"

#include <algorithm>

#include "rnn/trace.h"

namespace ribostep::experiment {
namespace {

std::string grouped(std::int64_t value) {
  std::string digits = std::to_string(value);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

}  // namespace

std::string Extracts::words() const {
  const auto chosen = static_cast<int>(list.size());
  std::string text = chosen == records ? (records == 1 ? "the only sequence" : "all " + grouped(records))
                                       : grouped(chosen) + " of " + grouped(records);
  if (records != 1) text += " sequences";
  if (chosen != records) text += ", evenly chosen";
  text += ", " + grouped(letters) + (letters == 1 ? " letter" : " letters");
  if (cut) text += "; long ones from their beginning";
  return text;
}

Extracts choose_extracts(const Prepared& prepared, const rnn::Network& net, std::int64_t budget) {
  const bio::Dataset& data = *prepared.data;
  Extracts out;
  out.records = data.size();
  int longest = static_cast<int>(std::min<std::int64_t>(kLongestExtract, std::max<std::int64_t>(budget, 64)));
  while (longest > 64 && rnn::tracing_bytes(net, longest) > kExtractTraceBytes) longest /= 2;
  const int step = net.spec.letters_per_step();
  const auto used = [&](int record) { return std::min(data.length(record), longest) / step * step; };
  std::int64_t total = 0;
  for (int i = 0; i < data.size(); ++i) total += used(i);
  int wanted = data.size();
  if (total > budget)
    wanted = std::max(1, static_cast<int>(static_cast<double>(data.size()) * static_cast<double>(budget) /
                                          static_cast<double>(total)));
  for (int i = 0; i < wanted; ++i) {
    const int record = static_cast<int>(static_cast<std::int64_t>(i) * data.size() / wanted);
    const int letters = used(record);
    if (letters == 0) continue;
    out.list.push_back({record, letters});
    out.letters += letters;
    out.cut = out.cut || letters + step <= data.length(record);
  }
  return out;
}

rnn::Example example(const Prepared& prepared, const rnn::ModelSpec& spec, const Extract& extract) {
  rnn::Example out = example(prepared, spec, extract.record);
  const auto letters = static_cast<std::size_t>(extract.letters);
  const std::size_t channels = out.tokens.empty() ? 0 : out.values.size() / out.tokens.size();
  out.tokens = out.tokens.first(std::min(letters, out.tokens.size()));
  if (!out.position_labels.empty())
    out.position_labels = out.position_labels.first(std::min(letters, out.position_labels.size()));
  if (!out.values.empty()) out.values = out.values.first(std::min(letters * channels, out.values.size()));
  return out;
}

int last_letter_read(const rnn::Layer& layer, int letters_per_step, int step, int letters) {
  const int first = step * letters_per_step;
  return layer.wiring.reverse ? std::min(first, letters - 1)
                              : std::min(first + letters_per_step, letters) - 1;
}

}  // namespace ribostep::experiment
