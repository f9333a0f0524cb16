#include "experiment/unit_relations.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ribostep::experiment {
namespace {

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();
constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
constexpr int kMostClasses = 8, kMostChannels = 6, kMostWords = 8;
constexpr const char* kHydrophobic = "AVILMFW";
constexpr double kStill = 1e-12;  // a variance below this share of the mean square is rounding

}  // namespace

double strength(Measure measure, std::span<const float> column, std::span<const float> unit,
                std::int64_t* n) {
  // Two passes: means first, so that large means cost no digits.
  std::int64_t count = 0;
  double mean_x = 0, mean_y = 0, square_x = 0, square_y = 0;
  const std::size_t size = std::min(column.size(), unit.size());
  const auto known = [&](std::size_t i) { return std::isfinite(column[i]) && std::isfinite(unit[i]); };
  int groups = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (!known(i)) continue;
    ++count;
    const double x = static_cast<double>(column[i]), y = static_cast<double>(unit[i]);
    mean_x += x;
    mean_y += y;
    square_x += x * x;
    square_y += y * y;
    groups = std::max(groups, static_cast<int>(x) + 1);
  }
  if (n != nullptr) *n = count;
  if (count < 3) return kUndefined;
  const auto total = static_cast<double>(count);
  mean_x /= total;
  mean_y /= total;
  double xx = 0, yy = 0, xy = 0;
  std::vector<double> sum, members;
  if (measure == Measure::Groups) {
    sum.resize(static_cast<std::size_t>(groups));
    members.resize(static_cast<std::size_t>(groups));
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (!known(i)) continue;
    const double x = static_cast<double>(column[i]) - mean_x, y = static_cast<double>(unit[i]) - mean_y;
    xx += x * x;
    yy += y * y;
    xy += x * y;
    if (measure == Measure::Groups) {
      sum[static_cast<std::size_t>(column[i])] += y;
      members[static_cast<std::size_t>(column[i])] += 1;
    }
  }
  if (xx <= kStill * square_x || yy <= kStill * square_y) return kUndefined;
  if (measure == Measure::Correlation) return std::clamp(xy / std::sqrt(xx * yy), -1.0, 1.0);
  double between = 0;
  for (std::size_t g = 0; g < sum.size(); ++g)
    if (members[g] > 0) between += sum[g] * sum[g] / members[g];
  return std::clamp(between / yy, 0.0, 1.0);
}

Columns::Columns(const Prepared& prepared, const rnn::Network& net, const UnitQuestion& question)
    : prepared_(prepared),
      alphabet_(prepared.data->alphabet()),
      layer_(net.layers[static_cast<std::size_t>(question.of.layer)]),
      per_step_(net.letters_per_step(layer_.level)),
      width_(question.width) {
  centred_ = layer_.level > 0 && net.spec.direction_count() > 1;
  const bool series = alphabet_.is_series();
  if (series) {
    const int channels = std::min(prepared.data->channels(), kMostChannels);
    for (int k = 0; k < channels; ++k) kinds_.push_back({Kind::Channel, k});
    for (int k = 0; k < channels; ++k) kinds_.push_back({Kind::ChannelMean, k});
  } else {
    kinds_ = {{Kind::Letter}, {Kind::LetterBefore}};
    if (!alphabet_.is_formal()) kinds_.push_back({Kind::Content});
    for (const char c : alphabet_.is_nucleic() ? std::string("GC") : std::string(kHydrophobic))
      if (const int token = alphabet_.token(c); token >= 0) content_ |= 1u << static_cast<unsigned>(token);
    if (alphabet_.is_nucleic()) kinds_.push_back({Kind::Pairs});
    if (alphabet_.is_nucleic() && per_step_ == 1) kinds_.push_back({Kind::Phase});
    for (const std::string& text : question.words) {
      std::optional<Motif> motif = read_motif(alphabet_, text);
      if (!motif || static_cast<int>(motifs_.size()) >= kMostWords) continue;
      if (layer_.wiring.complement) {  // what the layer reads is on the other strand
        std::reverse(motif->masks.begin(), motif->masks.end());
        for (std::uint32_t& mask : motif->masks) {
          std::uint32_t other = 0;
          for (int k = 0; k < alphabet_.size(); ++k)
            if (mask >> static_cast<unsigned>(k) & 1u)
              other |= 1u << static_cast<unsigned>(alphabet_.complement(k));
          mask = other;
        }
      }
      kinds_.push_back({Kind::WordHere, static_cast<int>(motifs_.size())});
      kinds_.push_back({Kind::Word, static_cast<int>(motifs_.size())});
      motifs_.push_back(std::move(*motif));
    }
  }
  kinds_.push_back({Kind::Place});
  const auto add_classes = [&](Kind kind, std::size_t classes) {
    if (classes < 2) return;
    const int first = classes == 2 ? 1 : 0;  // the other of two says the same
    for (int k = first; k < std::min(static_cast<int>(classes), kMostClasses); ++k)
      kinds_.push_back({kind, k});
  };
  add_classes(Kind::PositionLabel, prepared.positions.names.size());
  add_classes(Kind::SequenceLabel, prepared.labels.classes.size());
}

std::string Columns::words(const What& what) const {
  const std::string letters = alphabet_.is_series() ? " positions" : " letters";
  const std::string lately = centred_    ? " within " + std::to_string(width_) + letters
                             : forward() ? " in the last " + std::to_string(width_) + letters
                                         : " in the next " + std::to_string(width_) + letters;
  const auto at = static_cast<std::size_t>(what.index);
  switch (what.kind) {
    case Kind::Letter:
      return "the letter read";
    case Kind::LetterBefore:
      return forward() ? "the letter before it" : "the letter after it";
    case Kind::Content:
      return (alphabet_.is_nucleic() ? std::string("GC")
                                     : std::string("hydrophobic (") + kHydrophobic + ")") +
             lately;
    case Kind::Pairs:
      return "CpG" + lately;
    case Kind::Phase:
      return "codon phase";
    case Kind::WordHere:
      return motifs_[at].text + (forward() ? " ends here" : " begins here");
    case Kind::Word:
      return motifs_[at].text + lately;
    case Kind::Channel:
      return prepared_.data->channel_names()[at];
    case Kind::ChannelMean:
      return "mean " + prepared_.data->channel_names()[at] + lately;
    case Kind::Place:
      return "position in the sequence";
    case Kind::PositionLabel:
      return "label " + prepared_.positions.names[at] + " here";
    case Kind::SequenceLabel:
      return "sequence is " + prepared_.labels.classes[at];
  }
  return {};
}

void Columns::window(const ReadRecord& record, int step, int& begin, int& end) const {
  const int at = last_letter_read(layer_, per_step_, step, record.letters);
  if (centred_) {
    begin = at - width_;
    end = at + width_ + 1;
  } else if (forward()) {
    begin = at + 1 - width_;
    end = at + 1;
  } else {
    begin = at;
    end = at + width_;
  }
}

bool Columns::matches(const Motif& word, const ReadRecord& record, int at) const {
  if (at < 0 || at + static_cast<int>(word.masks.size()) > record.letters) return false;
  for (std::size_t i = 0; i < word.masks.size(); ++i) {
    const std::uint8_t token = record.tokens[static_cast<std::size_t>(at) + i];
    if ((prepared_.table.masks[token] & ~word.masks[i]) != 0) return false;
  }
  return true;
}

// 1 at the letters that count: of the content, the G of a CpG, the last letter of a word (of one read
// backwards: its first).
std::vector<int> Columns::marks_of(const What& what, const ReadRecord& record) const {
  std::vector<int> marks(static_cast<std::size_t>(record.letters));
  const std::uint32_t c = what.kind == Kind::Pairs ? 1u << static_cast<unsigned>(alphabet_.token('C')) : 0;
  const std::uint32_t g = what.kind == Kind::Pairs ? 1u << static_cast<unsigned>(alphabet_.token('G')) : 0;
  for (int i = 0; i < record.letters; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const std::uint32_t mask = prepared_.table.masks[record.tokens[at]];
    if (what.kind == Kind::Content) marks[at] = (mask & ~content_) == 0;
    if (what.kind == Kind::Pairs)
      marks[at] = i > 0 && mask == g && prepared_.table.masks[record.tokens[at - 1]] == c;
    if (what.kind == Kind::Word || what.kind == Kind::WordHere) {
      const Motif& word = motifs_[static_cast<std::size_t>(what.index)];
      const int begin = forward() ? i + 1 - static_cast<int>(word.masks.size()) : i;
      marks[at] = matches(word, record, begin);
    }
  }
  return marks;
}

void Columns::fill_counts(const ReadRecord& record, const std::vector<int>& marks, bool share, bool any,
                          int skip, std::vector<float>& out) const {
  std::vector<int> before(marks.size() + 1);
  for (std::size_t i = 0; i < marks.size(); ++i) before[i + 1] = before[i] + marks[i];
  for (int step = 0; step < record.steps; ++step) {
    int begin, end;
    window(record, step, begin, end);
    begin = std::max(begin, 0);
    end = std::min(end, record.letters);
    const int from = std::min(begin + skip, end);
    const int count = before[static_cast<std::size_t>(end)] - before[static_cast<std::size_t>(from)];
    out.push_back(any     ? static_cast<float>(count > 0)
                  : share ? static_cast<float>(count) / static_cast<float>(std::max(1, end - begin))
                          : static_cast<float>(count));
  }
}

void Columns::fill(const What& what, const ReadRecord& record, std::vector<float>& out) const {
  switch (what.kind) {
    case Kind::Content:
      return fill_counts(record, marks_of(what, record), true, false, 0, out);
    case Kind::Pairs:  // of a pair across the window's edge only one letter was read
      return fill_counts(record, marks_of(what, record), false, false, 1, out);
    case Kind::Word:
      return fill_counts(record, marks_of(what, record), false, true, 0, out);
    default:
      break;
  }
  std::vector<int> marks;
  if (what.kind == Kind::WordHere) marks = marks_of(what, record);
  const std::size_t channels =
      record.letters > 0 ? record.values.size() / static_cast<std::size_t>(record.letters) : 0;
  for (int step = 0; step < record.steps; ++step) {
    const int at = last_letter_read(layer_, per_step_, step, record.letters);
    float value = kUnknown;
    if (what.kind == Kind::Letter || what.kind == Kind::LetterBefore) {
      const int letter = what.kind == Kind::Letter ? at : forward() ? at - 1 : at + 1;
      if (letter >= 0 && letter < record.letters) {
        const int token = record.tokens[static_cast<std::size_t>(letter)];
        if (alphabet_.is_symbol(token)) value = static_cast<float>(token);
      }
    } else if (what.kind == Kind::Phase) {
      value = static_cast<float>(at % 3);
    } else if (what.kind == Kind::WordHere) {
      value = static_cast<float>(marks[static_cast<std::size_t>(at)]);
    } else if (what.kind == Kind::Place) {
      value = static_cast<float>(at);
    } else if (what.kind == Kind::PositionLabel) {
      // A codon's label is that of its middle letter, as in training.
      const int letter = per_step_ == 3 ? std::min(step * 3 + 1, record.letters - 1) : at;
      if (!record.position_labels.empty()) {
        const std::uint8_t label = record.position_labels[static_cast<std::size_t>(letter)];
        if (label != rnn::kNoClass) value = static_cast<float>(label == what.index);
      }
    } else {
      int begin = at, end = at + 1;
      if (what.kind == Kind::ChannelMean) window(record, step, begin, end);
      begin = std::max(begin, 0);
      end = std::min(end, record.letters);
      double sum = 0;
      for (int i = begin; i < end; ++i)
        sum += static_cast<double>(
            record.values[static_cast<std::size_t>(i) * channels + static_cast<std::size_t>(what.index)]);
      if (end > begin) value = static_cast<float>(sum / (end - begin));
    }
    out.push_back(value);
  }
}

Column Columns::make(int index, std::span<const ReadRecord> given,
                     std::span<const ReadRecord> shuffled) const {
  const What& what = kinds_[static_cast<std::size_t>(index)];
  Column column;
  column.what = words(what);
  if (what.kind == Kind::Letter || what.kind == Kind::LetterBefore || what.kind == Kind::Phase)
    column.measure = Measure::Groups;
  if (what.kind == Kind::SequenceLabel) {
    column.per_sequence = true;
    for (const ReadRecord& record : given) {
      const int label = prepared_.labels.of_record[static_cast<std::size_t>(record.record)];
      column.given.push_back(label < 0 ? kUnknown : static_cast<float>(label == what.index));
    }
    column.shuffled = column.given;
    return column;
  }
  for (const ReadRecord& record : given) fill(what, record, column.given);
  for (const ReadRecord& record : shuffled) fill(what, record, column.shuffled);
  return column;
}

}  // namespace ribostep::experiment
