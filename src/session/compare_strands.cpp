// The same letters read in other ways: from the other end, and as the other strand reads them. Both runs are
// told by the letters of the sequence on screen, so that what stands in one column was made of one letter.
#include <algorithm>
#include <cstdio>
#include <utility>

#include "session/compare.h"
#include "session/state.h"

namespace ribostep::session {
namespace {

constexpr double kAtOnceWork = 4e6;  // multiply-adds of a trace, a few milliseconds in WebAssembly

}  // namespace

std::string Compare::strands_obstacle() const {
  if (!session_.has_data() || session_.length() == 0) return "nothing is read yet: load sequences";
  if (state_.trace_too_large()) return "this sequence is too long for this network to be traced";
  return {};
}

void Compare::show_strands(bool on) {
  if (on == strands_) return;
  if (on)
    if (const std::string why = strands_obstacle(); !why.empty())
      return state_.say(Severity::Error, "cannot show the strands: " + why);
  strands_ = on;
  state_.changed();
  if (!on) return update(state_.now_s), void();
  update(state_.now_s);
  state_.say(Severity::Note,
             strand_count() == 3
                 ? "strands: forward, reversed and reverse complement, each under the letters it reads"
                 : "read forwards and from the other end, each under the letters it reads");
}

int Compare::strand_count() const {
  return session_.has_data() && session_.data().alphabet().is_nucleic() ? 3 : 2;
}

const char* Compare::strand_name(int strand) {
  return strand == 0 ? "forward" : strand == 1 ? "reversed" : "reverse complement";
}

int Compare::strand_position(int strand, int position) const {
  return strand == 0 ? position : session_.length() + 1 - position;
}

const rnn::Trace* Compare::strand(int strand) const {
  if (strand == 0) return state_.trace.get();
  if (strand < 0 || strand >= strand_count()) return nullptr;
  const rnn::Trace* trace = strand_traces_[static_cast<std::size_t>(strand - 1)].trace();
  return trace && trace->length == session_.length() ? trace : nullptr;
}

std::uint64_t Compare::strand_serial(int strand) const {
  if (strand == 0) return state_.trace_serial;
  const SideTrace& trace = strand_traces_[static_cast<std::size_t>(std::clamp(strand - 1, 0, 1))];
  return trace.trace() ? trace.serial() : 0;
}

const std::string& Compare::strand_letters(int strand) const {
  return strand == 2 && complement_.size() == state_.letters.size() ? complement_ : state_.letters;
}

rnn::TraceBuilder Compare::strand_builder(int strand) const {
  rnn::Example example = state_.example_now();
  std::vector<std::uint8_t> tokens(example.tokens.rbegin(), example.tokens.rend());
  if (strand == 2)
    for (std::uint8_t& token : tokens)
      token = static_cast<std::uint8_t>(state_.prepared->data->alphabet().complement(token));
  std::vector<float> values;
  const auto channels = static_cast<std::size_t>(std::max(0, state_.prepared->data->channels()));
  values.reserve(example.values.size());
  for (std::size_t t = channels > 0 ? example.values.size() / channels : 0; t-- > 0;)
    for (std::size_t k = 0; k < channels; ++k) values.push_back(example.values[t * channels + k]);
  example.tokens = tokens;
  example.values = values;
  example.position_labels = {};
  return rnn::TraceBuilder(state_.network, *strand_weights_, state_.prepared->table, example);
}

void Compare::follow_strands() {
  if (!strands_ || !state_.prepared || !state_.trace || state_.letters.empty()) {
    if (!strands_ || !state_.prepared || state_.letters.empty()) {
      for (SideTrace& trace : strand_traces_) trace.drop();
      strand_weights_ = nullptr;
      strand_of_.clear();
    }
    return;
  }
  const int record = state_.project.cursor.sequence;
  if (strand_weights_ == state_.trace_weights && strand_of_ == state_.letters && strand_record_ == record)
    return;
  strand_weights_ = state_.trace_weights;
  strand_of_ = state_.letters;
  strand_record_ = record;
  const bool nucleic = strand_count() == 3;
  complement_ = nucleic ? strand_of_ : std::string();
  const bio::Alphabet& alphabet = state_.prepared->data->alphabet();
  for (char& letter : complement_)
    letter = alphabet.letter(alphabet.complement(std::max(0, alphabet.token(letter))));
  const double work =
      static_cast<double>(state_.network.parameter_count) * static_cast<double>(strand_of_.size());
  for (int strand = 1; strand < 3; ++strand) {
    SideTrace& trace = strand_traces_[static_cast<std::size_t>(strand - 1)];
    trace.drop();
    if (strand >= strand_count()) continue;
    trace.want("strand", [this, strand] { return strand_builder(strand); });
    while (work < kAtOnceWork && trace.has_work()) trace.work(1 << 20);
  }
  state_.changed();
}

std::string Compare::strands_words() const {
  if (!strands_) return {};
  const bool whole = state_.network.spec.task == rnn::Task::SequenceLabel;
  const rnn::Trace* forward = strand(0);
  if (!whole || !forward || forward->final_probabilities.empty())
    return "strands: the same letters read forwards" + std::string(strand_count() == 3 ? ", " : " and ") +
           "from the other end" + (strand_count() == 3 ? " and as their reverse complement" : "");
  const auto top =
      std::max_element(forward->final_probabilities.begin(), forward->final_probabilities.end()) -
      forward->final_probabilities.begin();
  std::string text = "p(" + state_.output_names[static_cast<std::size_t>(top)] + "): ";
  for (int i = 0; i < strand_count(); ++i) {
    const rnn::Trace* trace = strand(i);
    char number[32] = "...";
    if (trace)
      std::snprintf(number, sizeof number, "%.3g",
                    static_cast<double>(trace->final_probabilities[static_cast<std::size_t>(top)]));
    text += (i ? ", " : "") + std::string(strand_name(i)) + " " + number;
  }
  return text;
}

}  // namespace ribostep::session
