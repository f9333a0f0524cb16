#include "session/step_words.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace ribostep::session {
namespace {

using rnn::Directions;
using rnn::InitialState;
using rnn::Input;

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

bool strands(const rnn::ModelSpec& spec) {
  return spec.directions == Directions::Strands || spec.directions == Directions::StrandsTied;
}

// "letters 21–30", "letter 31"; a series has positions.
std::string places(const rnn::ModelSpec& spec, Letters l) {
  const std::string unit = spec.input == Input::Values ? "position" : "letter";
  if (l.end - l.begin <= 1) return unit + " " + std::to_string(l.begin + 1);
  return unit + "s " + std::to_string(l.begin + 1) + "–" + std::to_string(l.end);
}

std::string ordinal(int n) {
  const bool teen = n % 100 / 10 == 1;
  return std::to_string(n) + (teen          ? "th"
                              : n % 10 == 1 ? "st"
                              : n % 10 == 2 ? "nd"
                              : n % 10 == 3 ? "rd"
                                            : "th");
}

}  // namespace

std::string layer_name(const rnn::Network& network, int layer, bool all) {
  const rnn::ModelSpec& spec = network.spec;
  const rnn::Layer& l = network.layers[static_cast<std::size_t>(layer)];
  std::string text = "Layer " + std::to_string(l.level + 1);
  if (network.steps_per_window(l.level) > 1) text += ", windows of " + std::to_string(spec.window);
  if (l.wiring.dilation > 1) text += ", every " + ordinal(l.wiring.dilation) + " step";
  if (strands(spec)) return text + (l.wiring.reverse ? ", opposite strand" : ", given strand");
  if (l.wiring.reverse) return text + ", backward";
  return spec.direction_count() > 1 || all ? text + ", forward" : text;
}

Letters letters_of(const rnn::Network& network, int level, int length, int t) {
  const int per_step = network.letters_per_step(level), of_one = network.spec.letters_per_step();
  // Letters behind the last whole codon are not read.
  const int read = length / of_one * of_one;
  return {t * per_step, std::min((t + 1) * per_step, read)};
}

std::string step_name(const rnn::Network& network, int level, int length, int t) {
  const std::string number = std::to_string(t + 1);
  const auto with_places = [&](const char* what) {
    return what + number + ", " + places(network.spec, letters_of(network, level, length, t));
  };
  if (network.steps_per_window(level) > 1) return with_places("window ");
  if (network.spec.input == Input::Codons) return with_places("codon ");
  return "position " + number;
}

std::string read_words(const rnn::Network& network, int layer, const rnn::Example& example,
                       std::string_view letters, const bio::Alphabet* alphabet, int length, int t) {
  const rnn::ModelSpec& spec = network.spec;
  const rnn::Layer& l = network.layers[static_cast<std::size_t>(layer)];
  const Letters read = letters_of(network, l.level, length, t);
  if (network.steps_per_window(l.level) > 1)
    return "window " + std::to_string(t + 1) + " (" + places(spec, read) + ")";
  if (spec.input == Input::Values) {
    const auto channels = static_cast<std::size_t>(spec.channels);
    const std::size_t at = static_cast<std::size_t>(t) * channels;
    if (channels != 1 || at >= example.values.size()) return std::to_string(channels) + " values";
    return number(static_cast<double>(example.values[at]));
  }
  const auto text = [&](int begin, int end) {
    begin = std::clamp(begin, 0, static_cast<int>(letters.size()));
    end = std::clamp(end, begin, static_cast<int>(letters.size()));
    return std::string(
        letters.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
  };
  if (spec.input == Input::Codons) return "codon " + text(read.begin, read.end);
  if (spec.input == Input::Kmers) {
    const std::string name = std::to_string(spec.kmer) + "-mer";
    const int begin = read.end - spec.kmer;
    if (begin >= 0) return "the " + name + " " + text(begin, read.end);
    if (spec.circular != rnn::Circular::Linear && length >= spec.kmer)
      return "the " + name + " " + text(length + begin, length) + text(0, read.end) + " over the origin";
    return text(0, read.end) + ", too short for a " + name;
  }
  const std::string letter = text(read.begin, read.end);
  if (!l.wiring.complement || !alphabet || letter.empty()) return letter;
  const int token = alphabet->token(letter[0]);
  if (token < 0) return letter;
  return std::string(1, alphabet->letter(alphabet->complement(token))) + ", the complement of " + letter;
}

const char* input_words(const rnn::Network& network, int level) {
  if (level > 0) return network.steps_per_window(level) > 1 && level == 1 ? "the window" : "the layer below";
  switch (network.spec.input) {
    case Input::Letters:
      return "the letter";
    case Input::Kmers:
      return "the k-mer";
    case Input::Codons:
      return "the codon";
    case Input::Values:
      return network.spec.channels == 1 ? "the value" : "the values";
  }
  return "";
}

std::string initial_words(const rnn::ModelSpec& spec, const rnn::Example& example,
                          std::string_view covariate) {
  switch (spec.initial) {
    case InitialState::Zero:
      return "all zeros";
    case InitialState::Learned:
      return "learned, the same for every sequence";
    case InitialState::ByClass:
      if (example.covariate_class < 0 || covariate.empty())
        return "the mean of what was learned for each " + spec.covariates[0] + ": this one's is not known";
      return "learned for " + spec.covariates[0] + " = " + std::string(covariate);
    case InitialState::Encoder: {
      std::string text;
      for (std::size_t i = 0; i < spec.covariates.size(); ++i) {
        const bool known = i < example.covariates.size() && !std::isnan(example.covariates[i]);
        text += (i == 0 ? "" : ", ") + spec.covariates[i] +
                (known ? " = " + number(example.covariates[i])
                       : " unknown (taken as " + number(spec.covariate_center[i]) + ")");
      }
      return "made by the encoder from " + text;
    }
  }
  return "";
}

std::string fed_words(const rnn::Network& network, const rnn::Trace& trace, const rnn::StepTerms& terms,
                      const std::string& initial) {
  const rnn::Layer& layer = network.layers[static_cast<std::size_t>(terms.layer)];
  if (terms.wraps) {
    if (network.spec.circular == rnn::Circular::Doubled)
      return layer.wiring.reverse ? "fed by the start of the second copy: the circle is closed"
                                  : "fed by the end of the first copy: the circle is closed";
    return std::string("fed by the ") + (layer.wiring.dilation > 1 ? "states at the end" : "last state") +
           " of pass " + std::to_string(std::max(1, trace.passes - 1)) + ": the circle is closed";
  }
  if (terms.predecessor >= 0) return {};
  if (layer.wiring.restarts(terms.t)) return "the state starts anew in every window: " + initial;
  return "the initial state: " + initial;
}

}  // namespace ribostep::session
