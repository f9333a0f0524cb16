// Data sets as tables that the reader takes back.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bio/covariates.h"
#include "bio/reader.h"
#include "io/tables.h"

namespace ribostep::io {
namespace {

std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line)
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  return line;
}

std::string label_of(const bio::Labels& labels, int record) {
  const auto index = static_cast<std::size_t>(record);
  const int label = index < labels.of_record.size() ? labels.of_record[index] : -1;
  return label < 0 ? std::string() : one_line(labels.classes[static_cast<std::size_t>(label)]);
}

// As few digits as bring the float back to the same bits: people edit these.
std::string shortest(float value) {
  char text[40];
  for (int digits = 6; digits <= 9; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, static_cast<double>(value));
    if (std::strtof(text, nullptr) == value) break;
  }
  return text;
}

// The keys that headers use, but the label's, in the order in which they come up.
std::vector<std::string> keys_of(const bio::Dataset& data) {
  std::vector<std::string> keys;
  for (int i = 0; i < data.size(); ++i)
    bio::for_fields(data.description(i), [&](std::string_view key, std::string_view) {
      if (keys.size() < bio::kMaxCovariateKeys && !bio::is_label_key(key) &&
          std::find(keys.begin(), keys.end(), key) == keys.end())
        keys.emplace_back(key);
    });
  return keys;
}

// A cell for each key, with a tab before it.
std::string cells_of(const bio::Dataset& data, int record, const std::vector<std::string>& keys) {
  std::vector<std::string> cells(keys.size());
  bio::for_fields(data.description(record), [&](std::string_view key, std::string_view value) {
    const auto at = std::find(keys.begin(), keys.end(), key);
    if (at == keys.end()) return;
    std::string& cell = cells[static_cast<std::size_t>(at - keys.begin())];
    if (cell.empty()) cell = one_line(value);
  });
  std::string text;
  for (const std::string& cell : cells) text += "\t" + cell;
  return text;
}

}  // namespace

std::string to_table(const bio::Dataset& data, const bio::Labels& labels) {
  const std::vector<std::string> keys = keys_of(data);
  std::string text = bio::alphabet_line(data.alphabet_kind) + "id\tlabel\tsequence\tannotation";
  for (const std::string& key : keys) text += "\t" + key;
  text += '\n';
  for (int i = 0; i < data.size(); ++i)
    text += one_line(data.name(i)) + "\t" + label_of(labels, i) + "\t" + data.letters(i) + "\t" +
            std::string(data.annotation(i)) + cells_of(data, i, keys) + "\n";
  return text;
}

std::string to_series_table(const bio::Dataset& data, const bio::Labels& labels) {
  const std::vector<std::string> keys = keys_of(data);
  bool annotated = false;
  for (int i = 0; i < data.size(); ++i) annotated = annotated || !data.annotation(i).empty();
  std::string text = "id\tlabel";
  for (const std::string& key : keys) text += "\t[" + key + "]";  // brackets: said of the whole series
  text += "\tposition";
  for (const std::string& channel : data.channel_names()) text += "\t" + one_line(channel);
  text += annotated ? "\tannotation\n" : "\n";
  const auto channels = static_cast<std::size_t>(data.channels());
  std::string before;
  for (int i = 0; i < data.size(); ++i) {
    std::string name = one_line(data.name(i));
    if (name == before) name += " (" + std::to_string(i + 1) + ")";  // or the two would be read as one
    before = name;
    const std::string start = name + "\t" + label_of(labels, i) + cells_of(data, i, keys) + "\t";
    const auto values = data.values(i);
    for (std::size_t t = 0; t < static_cast<std::size_t>(data.length(i)); ++t) {
      text += start + std::to_string(t + 1);
      for (std::size_t k = 0; k < channels; ++k) text += "\t" + shortest(values[t * channels + k]);
      if (annotated) {
        text += '\t';
        if (!data.annotation(i).empty()) text += data.annotation(i)[t];
      }
      text += '\n';
    }
  }
  return text;
}

std::string data_text(const bio::Dataset& data, const bio::Labels& labels) {
  if (data.channels() > 0) return to_series_table(data, labels);
  for (int i = 0; i < data.size(); ++i)
    if (!data.annotation(i).empty()) return to_table(data, labels);
  return to_fasta(data, labels);
}

}  // namespace ribostep::io
