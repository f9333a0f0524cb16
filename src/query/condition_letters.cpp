// The part of the parser that is about names and letters: outputs, labels, motifs, codons.
#include "query/condition_parser.h"

namespace ribostep::query {

// The longest of `names` that stands here as a whole, or in quotes anything.
int Parser::name_here(std::span<const std::string> names, const char* what, Hope hoped) {
  hope(hoped);
  blanks();
  const std::size_t begin = at_;
  if (peek('"')) {
    const std::size_t end = text_.find('"', at_ + 1);
    if (end == std::string_view::npos) fail(at_, text_.size(), "the second quotation mark is missing");
    at_ = end + 1;
    const int found = find_name(names, text_.substr(begin + 1, end - begin - 1));
    if (found >= 0) return found;
  } else {
    int best = -1;
    for (int k = 0; k < static_cast<int>(names.size()); ++k) {
      const std::string& name = names[static_cast<std::size_t>(k)];
      if (name.empty() || !same_word(text_.substr(at_, name.size()), name)) continue;
      const std::size_t end = at_ + name.size();
      if (end < text_.size() && is_word(text_[end]) && is_word(name.back())) continue;
      const std::size_t old = best < 0 ? 0 : names[static_cast<std::size_t>(best)].size();
      // Of names that differ in case alone, the one that is written.
      if (name.size() > old || text_.substr(at_, name.size()) == name) best = k;
    }
    if (best >= 0) {
      at_ += names[static_cast<std::size_t>(best)].size();
      return best;
    }
    if (at_end()) missing(std::string("the name of ") + what);
    at_ = word_end(at_);
  }
  fail(begin, at_, std::string("there is no such ") + (what + 2) + ": there are " + listed(names));
}

void Parser::outputs_wanted(std::size_t begin, const char* what) {
  out_.needs_trace = true;
  if (v_.network->spec.task == rnn::Task::NextVector)
    fail(begin, at_,
         std::string(what) + " is about classes, and this network predicts numbers: use p(channel)");
}

int Parser::about_argmax(int argmax) {
  hope(Hope::AfterArgmax);
  if (take_word("changes")) return add(Op::Changes, argmax);
  Op op = Op::Equal;
  blanks();
  const std::size_t begin = at_;
  if (!take_comparison(op)) missing("= name, != name or changes");
  if (op != Op::Equal && op != Op::NotEqual)
    fail(begin, at_, "classes are not larger or smaller: use = or !=");
  const auto k = static_cast<float>(name_here(v_.outputs, "an output", Hope::Output));
  return add(op, argmax, add(Op::Constant, -1, -1, k));
}

// seq, codon, letter, label, nan; -1: none of these stands here.
int Parser::about_letters() {
  blanks();
  const std::size_t begin = at_;
  // A unit may be called "frame counter", but no word of these alone.
  if (named_unit_here() >= 0) return -1;
  if (take_word("nan")) {
    out_.needs_trace = true;
    return add(Op::NotFinite, -1);
  }
  const std::string_view word = next_word();
  const bool seq = same_word(word, "seq"), codon = same_word(word, "codon"),
             letter = same_word(word, "letter"), label = same_word(word, "label");
  if (!seq && !codon && !letter && !label) return -1;
  at_ += word.size();
  if (label) return about_label(begin);
  if (!v_.letters())
    fail(begin, at_, "a series of values has no letters: compare its values, as in x[name] > 1");
  if (codon && !v_.alphabet->is_nucleic())
    fail(begin, at_, "proteins have no codons: look for residues with seq ~ or letter =");
  if (seq) return about_motif();
  hope(letter ? Hope::AfterArgmax : Hope::Equals);
  if (letter && take_word("changes")) {
    Node n;
    n.op = Op::Letter;
    return add(Op::Changes, add(n));
  }
  Op op = Op::Equal;
  if (!take_comparison(op)) missing(letter ? "= and a letter" : "= and a codon, start or stop,");
  if (op != Op::Equal && op != Op::NotEqual) fail(begin, at_, "letters are compared with = or !=");
  const int test = letter ? one_letter() : one_codon();
  return op == Op::Equal ? test : add(Op::Not, test);
}

int Parser::about_label(std::size_t begin) {
  if (v_.labels.empty())
    fail(begin, at_, "positions of these data have no labels: load sequences with a line of annotation");
  Node n;
  n.op = Op::Label;
  const int label = add(n);
  hope(Hope::AfterArgmax);
  if (take_word("changes")) return add(Op::Changes, label);
  Op op = Op::Equal;
  if (!take_comparison(op)) missing("= and a label");
  if (op != Op::Equal && op != Op::NotEqual) fail(begin, at_, "labels are compared with = or !=");
  const auto k = static_cast<float>(name_here(v_.labels, "a label", Hope::Label));
  return add(op, label, add(Op::Constant, -1, -1, k));
}

std::vector<std::uint32_t> Parser::pattern(std::string_view word, std::size_t begin) const {
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const std::uint32_t mask = letter_mask(*v_.alphabet, word[i]);
    if (mask == 0)
      fail(begin + i, begin + i + 1,
           "this is no letter of " + std::string(v_.alphabet->name) + ": use " + v_.alphabet->expected());
    out.push_back(mask);
  }
  return out;
}

std::vector<std::uint32_t> Parser::opposite(std::string_view word) const {
  std::vector<std::uint32_t> out;
  for (std::size_t i = word.size(); i-- > 0;) {
    const int token = v_.alphabet->complement(v_.alphabet->token(word[i]));
    out.push_back(v_.alphabet->codes[static_cast<std::size_t>(token)].symbols);
  }
  return out;
}

int Parser::add_motif(Motif motif, int mismatches) {
  out_.motifs.push_back(std::move(motif));
  Node n;
  n.op = Op::Motif;
  n.unit = static_cast<int>(out_.motifs.size()) - 1;
  n.number = static_cast<float>(mismatches);
  return add(n);
}

int Parser::one_letter() {
  hope(Hope::Letter);
  const std::string_view word = next_word();
  if (word.empty()) missing("a letter");
  const std::size_t begin = at_;
  at_ += word.size();
  if (word.size() != 1) fail(begin, at_, "this is more than one letter: look for it with seq ~");
  const int test = add_motif({{pattern(word, begin)}});
  node(test).op = Op::LetterIs;
  return test;
}

int Parser::one_codon() {
  hope(Hope::Codon);
  const std::string_view word = next_word();
  if (word.empty()) missing("a codon, start or stop,");
  const std::size_t begin = at_;
  at_ += word.size();
  Motif motif;
  if (same_word(word, "stop")) {
    for (const char* codon : {"TAA", "TAG", "TGA"}) motif.patterns.push_back(pattern(codon, begin));
  } else if (same_word(word, "start")) {
    motif.patterns.push_back(pattern("ATG", begin));
  } else {
    if (word.size() != 3) fail(begin, at_, "a codon has three letters; start and stop work too");
    motif.patterns.push_back(pattern(word, begin));
  }
  return add_motif(std::move(motif));
}

// `length` of the motif; 0: not known yet.
int Parser::mismatches(std::size_t length) {
  const std::size_t begin = at_;
  int n = 0;
  while (at_digit()) n = std::min(n * 10 + (text_[at_++] - '0'), 1000);
  if (length > 0 && static_cast<std::size_t>(n) >= length)
    fail(begin, at_, "with that many mismatches anything fits: allow fewer than the motif has letters");
  return n;
}

int Parser::about_motif() {
  hope(Hope::Equals);
  if (!take("~")) {
    if (take("=")) fail(at_ - 1, at_, "motifs are looked for with ~, as in seq ~ TATAAT");
    missing("~ and a motif, as in seq ~ TATAAT,");
  }
  int allowed = 0;
  blanks();
  const std::size_t count_at = at_;
  if (at_digit()) allowed = mismatches(0);
  const std::string_view word = next_word();
  if (word.empty()) missing("a motif, as in TATAWAW,");
  const std::size_t begin = at_;
  at_ += word.size();
  Motif motif{{pattern(word, begin)}};
  if (static_cast<std::size_t>(allowed) >= word.size())
    fail(count_at, begin, "with that many mismatches anything fits: allow fewer than the motif has letters");
  hope(Hope::Strand);
  for (;;) {
    blanks();
    const std::size_t clause = at_;
    if (take_word("within")) {
      blanks();
      if (!at_digit()) missing("how many mismatches, as in within 1,");
      allowed = mismatches(word.size());
      if (!take_word("mismatches")) take_word("mismatch");
    } else if (take_word("either") || take_word("both")) {
      if (!take_word("strands")) take_word("strand");
      if (!v_.alphabet->is_nucleic()) fail(clause, at_, "proteins have no second strand: leave this out");
      motif.patterns.resize(1);
      motif.patterns.push_back(opposite(word));
    } else {
      return add_motif(std::move(motif), allowed);
    }
  }
}

}  // namespace ribostep::query
