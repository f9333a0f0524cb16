// Storage of a data set, its name by content, and its bytes for the way between worker and page.
#include "bio/dataset.h"

#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/hash.h"
#include "bio/reader_text.h"
#include "bio/utf8.h"

namespace ribostep::bio {
namespace {

constexpr std::uint32_t kMagic = 0x53444252;  // "RBDS"
constexpr std::uint32_t kVersion = 1, kSeriesVersion = 2;
constexpr std::size_t kRecordWords = 9;

void put(std::vector<std::uint8_t>& out, std::uint32_t value) {
  std::uint8_t bytes[4];
  for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
  out.insert(out.end(), bytes, bytes + 4);
}

std::uint32_t bits_of(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

void put(std::vector<std::uint8_t>& out, const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  out.insert(out.end(), bytes, bytes + size);
}

void hash_word(Hash& hash, std::size_t value) {
  std::uint8_t bytes[4];
  for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
  hash.bytes(bytes, sizeof bytes);
}

// The length goes first, so that "ab" + "c" and "a" + "bc" differ.
template <class Range>
void hash_range(Hash& hash, const Range& range) {
  hash_word(hash, range.size());
  hash.bytes(range.data(), range.size());
}

}  // namespace

std::string_view Dataset::name(int i) const { return text(records_[static_cast<std::size_t>(i)].name); }

std::string_view Dataset::description(int i) const {
  return text(records_[static_cast<std::size_t>(i)].description);
}

std::string_view Dataset::column_label(int i) const {
  return text(records_[static_cast<std::size_t>(i)].label);
}

std::span<const std::uint8_t> Dataset::tokens(int i) const {
  const Field field = records_[static_cast<std::size_t>(i)].tokens;
  return std::span<const std::uint8_t>(tokens_).subspan(field.begin, field.size);
}

int Dataset::length(int i) const {
  return static_cast<int>(records_[static_cast<std::size_t>(i)].tokens.size);
}

std::string Dataset::letters(int i) const {
  const Alphabet& table = alphabet();
  std::string result;
  result.reserve(static_cast<std::size_t>(length(i)));
  for (const std::uint8_t token : tokens(i)) result += table.letter(token);
  return result;
}

std::string_view Dataset::annotation(int i) const {
  const Record& record = records_[static_cast<std::size_t>(i)];
  if (record.annotated == 0) return {};
  return std::string_view(annotation_).substr(record.tokens.begin, record.tokens.size);
}

bool Dataset::circular(int i) const {
  return lower(description(i)).find("topology=circular") != std::string::npos;
}

std::span<const float> Dataset::values(int i) const {
  const Field field = records_[static_cast<std::size_t>(i)].tokens;
  const std::size_t width = channel_names_.size();
  return std::span<const float>(values_).subspan(field.begin * width, field.size * width);
}

Dataset Dataset::of_series(std::vector<std::string> channel_names) {
  assert(!channel_names.empty() && channel_names.size() <= static_cast<std::size_t>(kMaxChannels));
  Dataset data;
  data.alphabet_kind = AlphabetKind::Series;
  data.channel_names_ = std::move(channel_names);
  return data;
}

void Dataset::add_series(std::string_view name, std::string_view description, std::string_view column_label,
                         std::span<const float> values, std::string_view annotation) {
  assert(!channel_names_.empty() && values.size() % channel_names_.size() == 0);
  values_.insert(values_.end(), values.begin(), values.end());
  add(name, description, column_label, std::vector<std::uint8_t>(values.size() / channel_names_.size(), 0),
      annotation);
}

void Dataset::add(std::string_view name, std::string_view description, std::string_view column_label,
                  std::span<const std::uint8_t> tokens, std::string_view annotation) {
  assert(annotation.empty() || annotation.size() == tokens.size());
  const auto append_text = [this](std::string_view value) {
    const Field field{static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(value.size())};
    text_ += value;
    return field;
  };
  assert(tokens_.size() + tokens.size() <= std::numeric_limits<std::uint32_t>::max());
  Record record;
  record.name = append_text(name);
  record.description = append_text(description);
  record.label = append_text(column_label);
  record.tokens = {static_cast<std::uint32_t>(tokens_.size()), static_cast<std::uint32_t>(tokens.size())};
  record.annotated = annotation.empty() ? 0 : 1;
  tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
  // The first annotation fills the positions of the records before it; from then on both blocks grow
  // together.
  if (!annotation.empty()) annotation_.resize(record.tokens.begin, '.');
  if (!annotation.empty() || !annotation_.empty()) {
    annotation_ += annotation;
    annotation_.resize(tokens_.size(), '.');
  }
  records_.push_back(record);
}

std::string Dataset::content_hash() const {
  Hash hash;
  hash_range(hash, alphabet().name);
  hash_word(hash, records_.size());
  for (int i = 0; i < size(); ++i) {
    hash_range(hash, name(i));
    hash_range(hash, description(i));
    hash_range(hash, column_label(i));
    hash_range(hash, tokens(i));
    hash_range(hash, annotation(i));
  }
  if (channels() == 0) return hash.hex();
  hash_word(hash, channel_names_.size());
  for (const std::string& channel : channel_names_) hash_range(hash, channel);
  for (const float value : values_) hash_word(hash, bits_of(value));
  return hash.hex();
}

// Little-endian words: magic, version, alphabet, records, bytes of text, of tokens, of annotation; then nine
// words per record, then the three blocks. A set of series (version 2) goes on with the number of channels,
// for each the bytes of its name and the name, and the bits of all values.
std::vector<std::uint8_t> Dataset::pack() const {
  std::vector<std::uint8_t> out;
  out.reserve((7 + kRecordWords * records_.size()) * 4 + text_.size() + tokens_.size() + annotation_.size());
  put(out, kMagic);
  put(out, channels() > 0 ? kSeriesVersion : kVersion);
  put(out, static_cast<std::uint32_t>(alphabet_kind));
  put(out, static_cast<std::uint32_t>(records_.size()));
  put(out, static_cast<std::uint32_t>(text_.size()));
  put(out, static_cast<std::uint32_t>(tokens_.size()));
  put(out, static_cast<std::uint32_t>(annotation_.size()));
  for (const Record& record : records_) {
    for (const Field& field : {record.name, record.description, record.label, record.tokens}) {
      put(out, field.begin);
      put(out, field.size);
    }
    put(out, record.annotated);
  }
  put(out, text_.data(), text_.size());
  put(out, tokens_.data(), tokens_.size());
  put(out, annotation_.data(), annotation_.size());
  if (channels() == 0) return out;
  put(out, static_cast<std::uint32_t>(channel_names_.size()));
  for (const std::string& channel : channel_names_) {
    put(out, static_cast<std::uint32_t>(channel.size()));
    put(out, channel.data(), channel.size());
  }
  out.reserve(out.size() + 4 * values_.size());
  for (const float value : values_) put(out, bits_of(value));
  return out;
}

// Nothing in `bytes` is believed: sizes are compared with what is there before anything is allocated, and
// only the layout that add() makes (blocks in order, without holes or overlap) is accepted.
std::optional<Dataset> Dataset::unpack(std::span<const std::uint8_t> bytes) {
  std::size_t at = 0;
  const auto word = [&]() {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < 4; ++i) value |= static_cast<std::uint32_t>(bytes[at + i]) << (8 * i);
    at += 4;
    return value;
  };
  if (bytes.size() < 7 * 4 || word() != kMagic) return std::nullopt;
  const std::uint32_t version = word(), kind = word();
  if (kind >= static_cast<std::uint32_t>(kAlphabets)) return std::nullopt;
  const bool series = kind == static_cast<std::uint32_t>(AlphabetKind::Series);
  if (version != (series ? kSeriesVersion : kVersion)) return std::nullopt;
  const std::uint64_t count = word(), text_size = word(), token_size = word(), annotation_size = word();
  if (annotation_size != 0 && annotation_size != token_size) return std::nullopt;
  const std::uint64_t size_here = count * kRecordWords * 4 + text_size + token_size + annotation_size;
  if (series ? size_here > bytes.size() - at : size_here != bytes.size() - at) return std::nullopt;

  Dataset data;
  data.alphabet_kind = static_cast<AlphabetKind>(kind);
  data.records_.resize(static_cast<std::size_t>(count));
  std::uint64_t text_end = 0, token_end = 0;
  bool any_annotated = false;
  for (Record& record : data.records_) {
    for (Field* field : {&record.name, &record.description, &record.label}) {
      field->begin = word();
      field->size = word();
      if (field->begin != text_end) return std::nullopt;
      text_end += field->size;
    }
    record.tokens.begin = word();
    record.tokens.size = word();
    if (record.tokens.begin != token_end) return std::nullopt;
    token_end += record.tokens.size;
    record.annotated = word();
    if (record.annotated > 1 || (record.annotated == 1 && annotation_size == 0)) return std::nullopt;
    any_annotated = any_annotated || record.annotated == 1;
  }
  if (text_end != text_size || token_end != token_size) return std::nullopt;
  if (annotation_size != 0 && !any_annotated) return std::nullopt;

  const auto block = [&](std::uint64_t size) {
    const auto part = bytes.subspan(at, static_cast<std::size_t>(size));
    at += part.size();
    return part;
  };
  const auto text = block(text_size), tokens = block(token_size), annotation = block(annotation_size);
  const int codes = data.alphabet().code_count();
  for (const std::uint8_t token : tokens)
    if (token >= codes) return std::nullopt;
  for (const std::uint8_t character : annotation)
    if (character < 33 || character > 126) return std::nullopt;
  for (const Record& record : data.records_)  // where a record has no labels the block holds dots
    for (std::size_t i = 0; record.annotated == 0 && !annotation.empty() && i < record.tokens.size; ++i)
      if (annotation[record.tokens.begin + i] != '.') return std::nullopt;
  data.text_.assign(text.begin(), text.end());
  for (const Record& record : data.records_)
    for (const Field& field : {record.name, record.description, record.label})
      if (!is_utf8(data.text(field))) return std::nullopt;
  data.tokens_.assign(tokens.begin(), tokens.end());
  data.annotation_.assign(annotation.begin(), annotation.end());
  if (!series) return data;

  const auto left = [&] { return bytes.size() - at; };
  if (left() < 4) return std::nullopt;
  const std::uint32_t channels = word();
  if (channels == 0 || channels > static_cast<std::uint32_t>(kMaxChannels)) return std::nullopt;
  for (std::uint32_t k = 0; k < channels; ++k) {
    if (left() < 4) return std::nullopt;
    const std::uint32_t size = word();
    if (size > kMaxChannelName || size > left()) return std::nullopt;
    const auto name = block(size);
    data.channel_names_.emplace_back(name.begin(), name.end());
    if (!is_utf8(data.channel_names_.back())) return std::nullopt;
  }
  if (left() != token_size * channels * 4) return std::nullopt;
  data.values_.resize(static_cast<std::size_t>(token_size) * channels);
  for (float& value : data.values_) {
    const std::uint32_t bits = word();
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) return std::nullopt;
  }
  return data;
}

}  // namespace ribostep::bio
