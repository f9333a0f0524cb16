// Models in plain words; see form.h.
#include <cmath>
#include <cstdio>

#include "session/form.h"

namespace ribostep::session {
namespace {

using rnn::ModelSpec;

std::string whole(int n) { return std::to_string(n); }

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string megabytes(std::uint64_t bytes) {
  const double mb = static_cast<double>(bytes) / (1u << 20u);
  char text[32];
  if (mb < 1) return std::to_string((bytes + 1023) / 1024) + " kB";
  std::snprintf(text, sizeof text, mb < 10 ? "%.1f MB" : "%.0f MB", mb);
  return text;
}

std::string dilation_list(const ModelSpec& spec) {
  std::string list;
  for (const int d : spec.dilations) list += (list.empty() ? "" : ", ") + whole(d);
  return list;
}

bool dilated(const ModelSpec& spec) {
  for (const int d : spec.dilations)
    if (d > 1) return true;
  return false;
}

std::string names(const std::vector<std::string>& list) {
  std::string text;
  for (std::size_t i = 0; i < list.size(); ++i)
    text += (i == 0 ? "" : i + 1 == list.size() ? " and " : ", ") + list[i];
  return text;
}

std::string input_words(const ModelSpec& spec) {
  std::string text;
  switch (spec.input) {
    case rnn::Input::Letters:
      text = "Reads one letter at a time";
      break;
    case rnn::Input::Kmers:
      text = "Reads at each position the " + whole(spec.kmer) + " letters that end there";
      break;
    case rnn::Input::Codons:
      text = "Reads three letters at a time";
      if (spec.circular != rnn::Circular::Linear)
        text += " (letters behind the last whole codon are left out, and the circle closes without them)";
      break;
    case rnn::Input::Values:
      text = "Reads " + whole(spec.channels) + (spec.channels == 1 ? " value" : " values") + " per position";
      break;
  }
  if (spec.embedding > 0) text += ", each as " + whole(spec.embedding) + " learned numbers";
  switch (spec.directions) {
    case rnn::Directions::Forward:
      return text + ".";
    case rnn::Directions::Both:
      return text + ", from both ends.";
    case rnn::Directions::Strands:
      return text + "; the second direction reads the reverse complement with weights of its own.";
    case rnn::Directions::StrandsTied:
      return text + "; the second direction reads the reverse complement with the same weights.";
  }
  return text;
}

std::string circle_words(const ModelSpec& spec) {
  switch (spec.circular) {
    case rnn::Circular::Linear:
      break;
    case rnn::Circular::TwoPass:
      return std::string(" Goes round the circle twice: the second pass starts from the state") +
             (rnn::has_cell_state(spec.cell) ? "s h and c" : "") + " the first ended with, and is scored.";
    case rnn::Circular::Doubled:
      return " Reads the sequence twice in a row and is scored on the second half" +
             std::string(spec.direction_count() > 1 ? " (from the end: on the first)." : ".");
    case rnn::Circular::FixedPoint:
      return " Goes round the circle until the state at the origin no longer changes, at most " +
             whole(spec.max_passes) + " times.";
  }
  return {};
}

std::string initial_words(const ModelSpec& spec) {
  const std::string both = rnn::has_cell_state(spec.cell) ? "h_0 and c_0" : "h_0";
  const bool two = rnn::has_cell_state(spec.cell);
  switch (spec.initial) {
    case rnn::InitialState::Zero:
      return two ? both + " are zero" : both + " is zero";
    case rnn::InitialState::Learned:
      return both + (two ? " are learned" : " is learned");
    case rnn::InitialState::ByClass:
      return both + (two ? " are" : " is") + " learned for each class of " + names(spec.covariates);
    case rnn::InitialState::Encoder:
      return both + (two ? " are" : " is") + " made from " + names(spec.covariates) + " by " +
             whole(spec.encoder_units) + " encoder units";
  }
  return {};
}

const char* answer_words(const ModelSpec& spec) {
  switch (spec.task) {
    case rnn::Task::SequenceLabel:
      return spec.pool == rnn::Pool::Last   ? " The answer is read from the last state."
             : spec.pool == rnn::Pool::Mean ? " The answer is read from the mean over all states."
                                            : " The answer is read from the maximum over all states.";
    case rnn::Task::PositionLabel:
      return " There is an answer at every position.";
    case rnn::Task::NextSymbol:
      return " At every step the next symbol is predicted.";
    case rnn::Task::NextVector:
      return " At every position the next values are predicted.";
  }
  return "";
}

void append(std::string& list, const std::string& item) { list += (list.empty() ? "" : ", ") + item; }

}  // namespace

std::string wiring_words(const ModelSpec& spec) {
  std::string text = input_words(spec);
  text += " " + whole(spec.layers) + (spec.layers == 1 ? " layer of " : " layers of ") + whole(spec.hidden) +
          (spec.hidden == 1 ? " unit" : " units") + (spec.direction_count() > 1 ? " per direction" : "") +
          " (" + rnn::label(spec.cell) + ").";
  if (dilated(spec))
    text += " Dilations " + dilation_list(spec) + ": a step is fed by the one so many steps before.";
  if (spec.window > 0) {
    const std::string what = spec.window_summary == rnn::Summary::Last ? "the last state" : "the mean state";
    text += " Layer 2 reads " + what + " of every window of " + whole(spec.window) + " steps; layer 1 " +
            (spec.window_carry ? "carries its state over window ends." : "starts anew in each window.");
  }
  if (spec.truncate > 0) text += " Gradients are cut every " + whole(spec.truncate) + " steps.";
  text += circle_words(spec);
  text += " " + initial_words(spec) + ".";
  return text + answer_words(spec);
}

std::string section_words(const ModelSpec& spec, FieldSection section) {
  std::string text;
  switch (section) {
    case FieldSection::Main:
      break;
    case FieldSection::Cell:
      if (spec.peepholes) append(text, "peepholes");
      if (spec.layer_norm) append(text, "layer norm");
      if (spec.dropout > 0) append(text, "dropout " + short_number(spec.dropout));
      if (spec.init == rnn::Initialisation::Uniform)
        append(text, "uniform to " + short_number(spec.init_range));
      else if (spec.init != rnn::Initialisation::Default)
        append(text, rnn::label(spec.init));
      if (spec.forget_bias == rnn::ForgetBias::Constant)
        append(text, "forget bias " + short_number(spec.forget_bias_value));
      if (spec.forget_bias == rnn::ForgetBias::Chrono) append(text, "chrono " + whole(spec.chrono_span));
      break;
    case FieldSection::Wiring:
      if (dilated(spec)) append(text, "dilations " + dilation_list(spec));
      if (spec.window > 0) append(text, "windows of " + whole(spec.window));
      if (spec.truncate > 0) append(text, "cut every " + whole(spec.truncate));
      if (spec.circular != rnn::Circular::Linear) append(text, rnn::label(spec.circular));
      break;
    case FieldSection::Initial:
      if (spec.initial == rnn::InitialState::Learned) text = "learned h_0";
      if (spec.initial == rnn::InitialState::ByClass) text = "learned per class of " + names(spec.covariates);
      if (spec.initial == rnn::InitialState::Encoder) text = "encoder of " + names(spec.covariates);
      break;
    case FieldSection::Input:
      if (spec.input == rnn::Input::Kmers) text = whole(spec.kmer) + "-mers";
      if (spec.input == rnn::Input::Codons) text = "codons";
      if (spec.input == rnn::Input::Values) text = whole(spec.channels) + " values per position";
      if (spec.embedding > 0) append(text, "embedding " + whole(spec.embedding));
      break;
  }
  return text;
}

std::string bounded_words(const ModelSpec& spec, const rnn::BoundedMemory& memory) {
  if (!memory.applies) return {};
  if (memory.proven)
    return spec.initial == rnn::InitialState::ByClass
               ? "c_t stays in [0, 1]: proven for this sequence (coupled gates, c_0 of its class in [0, 1])"
               : "c_t stays in [0, 1]: proven (coupled gates, c_0 in [0, 1])";
  if (memory.violated) {
    std::string where =
        memory.position == 0 ? std::string("at the start") : "at position " + whole(memory.position);
    if (spec.layers * spec.direction_count() > 1) {
      where += ", layer " + whole(memory.layer / spec.direction_count() + 1);
      if (spec.direction_count() > 1) where += memory.layer % 2 == 0 ? " forward" : " reverse";
    }
    return "c_t left [0, 1]: violated " + where + ", unit " + whole(memory.unit) +
           (memory.position == 0 ? ": c_0 = " : ": c = ") + short_number(memory.value);
  }
  std::string why =
      rnn::coupled(spec.cell) ? "c_0 is learned and may lie outside" : "i and f are independent";
  std::string text = "c_t in [0, 1] is not guaranteed: " + why;
  if (memory.seen)
    text += "; largest so far " + short_number(memory.high) + " on this sequence" +
            (spec.circular == rnn::Circular::Linear ? "" : ", in the round that is scored");
  return text;
}

std::string memory_words(const rnn::TrainingMemory& memory) {
  if (memory.bytes == 0) return {};
  if (memory.segment == 0) return "One update takes about " + megabytes(memory.bytes) + " of memory.";
  return "One update keeps the states and recomputes the gates for " + whole(memory.segment) +
         " steps at a time: " + megabytes(memory.bytes) + " instead of " + megabytes(memory.all_at_once) +
         " (limit " + megabytes(rnn::kMemoryBudget) + ").";
}

}  // namespace ribostep::session
