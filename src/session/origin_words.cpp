// A number, its equation and its terms in the words and symbols of the screen.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "session/conditions.h"
#include "session/origins.h"
#include "session/step_words.h"

namespace ribostep::session {
namespace {

using rnn::NumberKind;
using rnn::OriginShape;
using rnn::OriginTerm;
using rnn::TermKind;
using rnn::Whence;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

std::string number(double v) {
  char text[40];
  std::snprintf(text, sizeof text, "%.4g", v);
  return text[0] == '-' ? "−" + std::string(text + 1) : text;
}
std::string subscript(int index) {
  static constexpr const char* kDigits[] = {"₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"};
  std::string text;
  for (const char c : std::to_string(index)) text += kDigits[c - '0'];
  return text;
}

struct Words {
  const Session& session;
  const rnn::Network& net;
  const rnn::Trace& trace;

  explicit Words(const Session& s) : session(s), net(s.network()), trace(*s.trace()) {}

  rnn::CellKind cell() const { return net.spec.cell; }
  bool elman() const { return !rnn::is_lstm(cell()) && cell() != rnn::CellKind::Gru; }
  const rnn::Layer& layer(const rnn::Quantity& q) const { return net.layers[at(q.layer)]; }
  bool of_outputs(const rnn::Quantity& q) const {
    return q.what == NumberKind::Logit || q.what == NumberKind::Probability;
  }
  std::string output(int k) const {
    const std::vector<std::string>& names = session.output_names();
    return k >= 0 && at(k) < names.size() ? names[at(k)] : std::to_string(k + 1);
  }
  std::string gate_letter(const rnn::Quantity& q) const {
    return elman() ? "h" : rnn::gates(cell())[at(q.gate)].symbol;
  }

  // "f₃", "mean h₃", "z(promoter)"
  std::string symbol(const rnn::Quantity& q) const {
    switch (q.what) {
      case NumberKind::H:
        return "h" + subscript(q.unit);
      case NumberKind::C:
        return "c" + subscript(q.unit);
      case NumberKind::Gate:
        return gate_letter(q) + subscript(q.unit);
      case NumberKind::Pooled:
        return "mean h" + subscript(q.unit);
      case NumberKind::Logit:
        return "z(" + output(q.output) + ")";
      case NumberKind::Probability:
        return (net.spec.task == rnn::Task::NextVector ? "next(" : "p(") + output(q.output) + ")";
    }
    return {};
  }

  // "position 17", "codon 6", "window 2", "the start"
  std::string place(const rnn::Quantity& q) const {
    if (of_outputs(q)) {
      const int last = std::min((q.step + 1) * trace.letters_per_row, trace.length);
      return "position " + std::to_string(last);
    }
    if (q.whence == Whence::PassBefore) return "the pass before";
    if (q.whence == Whence::OtherCopy) return "the other copy";
    if (q.step < 0) return "the start";
    const int level = layer(q).level;
    const auto step = [&](int t) {
      const std::string text = step_name(net, level, session.length(), t);
      return text.substr(0, text.find(','));
    };
    if (q.what == NumberKind::Pooled && q.first < q.step) {
      const std::string first = step(q.first), last = step(q.step);
      const std::size_t space = first.rfind(' ');
      return first.substr(0, space) + "s " + first.substr(space + 1) + "–" + last.substr(last.rfind(' ') + 1);
    }
    return step(q.step);
  }
  // "h₃(16)": with the step's number alone.
  std::string placed(const rnn::Quantity& q) const {
    const std::string where = place(q);
    const std::size_t space = where.rfind(' ');
    const std::string brief = q.step < 0 && !of_outputs(q) ? "start"
                              : q.whence != Whence::Here   ? where
                                                           : where.substr(space + 1);
    return symbol(q) + "(" + brief + ")";
  }

  std::string title(const rnn::Quantity& q) const {
    std::string text;
    if (of_outputs(q)) {
      const bool vector = net.spec.task == rnn::Task::NextVector;
      text = std::string(vector                        ? "next value of "
                         : q.what == NumberKind::Logit ? "score (logit) of "
                                                       : "probability of ") +
             output(q.output);
    } else {
      const std::string unit = session.conditions().unit_label(q.layer, q.unit);
      text = q.what == NumberKind::C        ? "memory c of " + unit
             : q.what == NumberKind::Pooled ? "mean of the state of " + unit
             : q.what == NumberKind::Gate && !elman()
                 ? std::string(rnn::gates(cell())[at(q.gate)].name) + " of " + unit
                 : "state h of " + unit;
      if (net.layers.size() > 1) text += ", " + layer_name(net, q.layer);
    }
    return text + ", " + place(q);
  }

  // What column k of the first layer's input is.
  std::string input(int k) const {
    const rnn::ModelSpec& spec = net.spec;
    if (spec.input == rnn::Input::Values) {
      const std::vector<std::string>& names = session.data().channel_names();
      return at(k) < names.size() ? names[at(k)] : "channel " + std::to_string(k + 1);
    }
    if (net.embedding >= 0) return "e" + subscript(k);
    const bio::Alphabet& alphabet = session.data().alphabet();
    if (spec.input == rnn::Input::Letters) return std::string(1, alphabet.letter(k));
    const int letters = spec.input == rnn::Input::Codons ? 3 : spec.kmer;
    std::string text(at(letters), '?');
    for (int i = letters - 1; i >= 0; --i, k /= spec.symbols) text[at(i)] = alphabet.letter(k % spec.symbols);
    return text;
  }

  // Of a term of `of`.
  std::string name(const rnn::Quantity& of, const OriginTerm& term) const {
    const std::string g = of.what == NumberKind::Gate && !elman() ? gate_letter(of) : "";
    const std::string through = term.via && term.kind != TermKind::Keep && term.kind != TermKind::Write
                                    ? gate_letter(*term.via) + " · "
                                    : "";
    const auto from = [&](const char* otherwise) { return term.source ? placed(*term.source) : otherwise; };
    switch (term.kind) {
      case TermKind::Input: {
        std::string what;
        if (!term.source) {
          what = input(term.column);
        } else {
          what = placed(*term.source);
          if (net.spec.direction_count() > 1 || net.spec.layers > 1)
            what += " of " + layer_name(net, term.source->layer);
        }
        return "W_x" + g + " · " + what;
      }
      case TermKind::Recurrent:
        return through + "W_h" + g + " · " + from("h");
      case TermKind::BiasInput:
        return "b_x" + g;
      case TermKind::BiasRecurrent:
        return through + "b_h" + g;
      case TermKind::Peephole:
        return "p_" + g + " · " + from("c before it was set by hand");
      case TermKind::NormMean:
        return through + "normalisation: the mean taken off";
      case TermKind::NormBias:
        return through + "normalisation: its bias";
      case TermKind::Keep:
        return (cell() == rnn::CellKind::Gru ? "z · " : "f · ") + from("");
      case TermKind::Write:
        return cell() == rnn::CellKind::Gru ? "(1 − z) · n" : rnn::coupled(cell()) ? "(1 − f) · g" : "i · g";
      case TermKind::Squashed:
        return "tanh(" + symbol(*term.source) + ")";
      case TermKind::Opening:
        return symbol(*term.source);
      case TermKind::Share:
        return from("") + " / " + std::to_string(of.step - of.first + 1);
      case TermKind::Readout: {
        std::string text = "W · " + placed(*term.source);
        if (net.spec.direction_count() > 1) text += " of " + layer_name(net, term.source->layer);
        return text;
      }
      case TermKind::ReadoutBias:
        return "b";
      case TermKind::Score:
        return symbol(*term.source);
    }
    return {};
  }

  std::string numbers(const OriginTerm& term) const {
    switch (term.kind) {
      case TermKind::Squashed:
      case TermKind::Opening:
      case TermKind::Score:
      case TermKind::ReadoutBias:
      case TermKind::NormBias:
        return {};
      case TermKind::NormMean:
        return number(term.scale) + " × " + number(term.input);
      case TermKind::BiasInput:
      case TermKind::BiasRecurrent:
        return term.scale == 1 ? std::string() : number(term.scale) + " × " + number(term.weight);
      default:
        break;
    }
    const std::string product = number(term.weight) + " × " + number(term.input);
    return term.scale == 1 ? product : number(term.scale) + " × " + product;
  }

  std::string sum_of(const rnn::Origin& o) const {
    const std::size_t terms = o.terms.size() + at(o.left_out);
    return "sum of " + std::to_string(terms) + (terms == 1 ? " term" : " terms");
  }

  std::string equation(const rnn::Origin& o) const {
    const std::string left = symbol(o.of) + " = ", value = number(static_cast<double>(o.value));
    switch (o.shape) {
      case OriginShape::Given:
      case OriginShape::ByHand:
        return left + value;
      case OriginShape::Product:
        return left + "o · tanh(c) = " + number(o.terms[1].value) + " × " + number(o.terms[0].value) + " = " +
               value;
      case OriginShape::Softmax: {
        const std::string e = "e^" + number(o.terms[0].value);
        if (o.terms.size() > 3)
          return left + e + " / (sum of e^z over " + std::to_string(o.terms.size()) + " outputs) = " + value;
        std::string sum = e;
        for (std::size_t i = 1; i < o.terms.size(); ++i) sum += " + e^" + number(o.terms[i].value);
        return left + e + " / (" + sum + ") = " + value;
      }
      case OriginShape::Sum:
        break;
    }
    if (o.squashed) {
      const int gate = o.of.what == NumberKind::Gate ? o.of.gate : 0;
      const std::string f = cell() == rnn::CellKind::ElmanRelu            ? "relu"
                            : rnn::gates(cell())[at(gate)].squashed_to_01 ? "σ"
                                                                          : "tanh";
      return left + f + "(" + sum_of(o) + ") = " + f + "(" + number(static_cast<double>(o.before)) +
             ") = " + value;
    }
    if (o.of.what == NumberKind::Pooled)
      return left + "mean of " + std::to_string(o.of.step - o.of.first + 1) + " states = " + value;
    if (of_outputs(o.of)) return left + sum_of(o) + " = " + value;
    // Two products.
    std::string text = left, in_numbers;
    for (const OriginTerm& term : o.terms) {
      text += (&term == o.terms.data() ? "" : " + ") + name(o.of, term);
      in_numbers += (&term == o.terms.data() ? "" : " + ") + numbers(term);
    }
    return text + " = " + in_numbers + " = " + value;
  }

  std::string sentence(const rnn::Origin& o) const {
    if (o.shape == OriginShape::ByHand) return "It was set by hand, so nothing before it made it.";
    if (o.shape == OriginShape::Given) {
      if (o.of.whence == Whence::PassBefore)
        return "It comes from the pass round the circle before this one, which is not kept step by step.";
      if (o.of.whence == Whence::OtherCopy)
        return "It comes from the copy of the sequence that is not scored, which is not kept step by step.";
      return "The trail ends here: this is the initial state, " + session.initial_state() + ".";
    }
    if (o.terms.empty()) return {};
    const OriginTerm& first = o.terms[0];
    if (o.shape == OriginShape::Product)
      return "The memory c gives it its sign; the output gate lets " +
             std::to_string(static_cast<int>(std::lround(100 * o.terms[1].value))) + " % of it out.";
    if (o.shape == OriginShape::Softmax) {
      const bool largest = o.terms.size() < 2 || first.value >= o.terms[1].value;
      if (o.terms.size() < 2) return {};
      return largest ? "Its score is ahead of " + symbol(*o.terms[1].source) + " by " +
                           number(first.value - o.terms[1].value) + "."
                     : "Its score is behind " + symbol(*o.terms[1].source) + " by " +
                           number(o.terms[1].value - first.value) + ".";
    }
    double same = 0;
    for (const OriginTerm& term : o.terms)
      if ((term.value > 0) == (first.value > 0)) same += std::abs(term.value);
    if (first.value == 0 || !(same > 0) || !std::isfinite(same)) return {};
    const int share = static_cast<int>(std::lround(100 * std::abs(first.value) / same));
    return (share >= 50 ? "Mostly " : "Most of all ") + name(o.of, first) + ": " + std::to_string(share) +
           " % of what pushes it " + (first.value > 0 ? "up." : "down.");
  }
};

}  // namespace

std::string origin_symbol(const Session& session, const rnn::Quantity& of) {
  return Words(session).placed(of);
}

OriginView origin_view(const Session& session, rnn::Origin origin) {
  const Words words(session);
  OriginView view;
  view.symbol = words.symbol(origin.of);
  view.title = words.title(origin.of);
  view.equation = words.equation(origin);
  view.sentence = words.sentence(origin);
  for (const OriginTerm& term : origin.terms) {
    OriginRow row;
    row.name = words.name(origin.of, term);
    row.numbers = words.numbers(term);
    if (term.source) row.place = words.place(*term.source);
    if (term.via) row.gate = words.symbol(*term.via);
    view.rows.push_back(std::move(row));
  }
  view.origin = std::move(origin);
  return view;
}

}  // namespace ribostep::session
