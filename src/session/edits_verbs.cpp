// The picked letters, and editing by name and in words; see edits.h.
#include <algorithm>
#include <cstdio>
#include <utility>

#include "io/json_put.h"
#include "session/edits.h"
#include "session/mirror_section.h"
#include "session/state.h"

namespace ribostep::session {

// ---- what copying and pasting are about

void Edits::set_focus(Focus focus) {
  const int size = session_.has_data() && session_.data().channels() == 0 ? session_.length() : 0;
  if (focus.first > focus.last + 1) std::swap(focus.first, focus.last);
  focus.first = std::clamp(focus.first, 0, size + 1);
  focus.last = std::clamp(focus.last, focus.first - 1, size);
  if (size == 0 || focus.first == 0) focus = {};
  const int record = state_.project.cursor.sequence;
  const bool same =
      focus == focus_ && focus_record_ == record && focus_set_ == state_.project.data.content_hash;
  if (same) return;
  focus_ = focus;
  focus_record_ = record;
  focus_set_ = state_.project.data.content_hash;
  state_.changed();
}

Edits::Focus Edits::focus() const {
  if (focus_record_ != state_.project.cursor.sequence || focus_set_ != state_.project.data.content_hash)
    return {};
  Focus now = focus_;
  // Undo may have made the sequence shorter.
  now.first = std::min(now.first, session_.length() + 1);
  now.last = std::clamp(now.last, now.first - 1, session_.length());
  return now;
}

std::string Edits::focus_words() const {
  const Focus now = focus();
  if (now.count() <= 0) return {};
  const std::uint64_t serial = letters_serial();
  if (words_focus_ == now && words_serial_ == serial && !words_.empty()) return words_;
  words_focus_ = now;
  words_serial_ = serial;
  words_ = now.count() == 1 ? std::to_string(now.first) + ": 1 letter"
                            : std::to_string(now.first) + " to " + std::to_string(now.last) + ": " +
                                  plural(now.count(), "letter");
  if (!session_.data().alphabet().is_nucleic()) return words_;
  int strong = 0, weak = 0;
  for (const char c : session_.letters().substr(static_cast<std::size_t>(now.first - 1),
                                                static_cast<std::size_t>(now.count()))) {
    strong += c == 'G' || c == 'C' || c == 'S';
    weak += c == 'A' || c == 'T' || c == 'U' || c == 'W';
  }
  if (strong + weak == 0) return words_ += ", GC unknown";
  char text[32];
  std::snprintf(text, sizeof text, ", GC %.1f %%", 100.0 * strong / (strong + weak));
  return words_ += text;
}

bool Edits::take_paste(const Bytes& text) {
  const Focus now = focus();
  if (now.none() || !letters_obstacle().empty()) return false;
  const bio::Alphabet& alphabet = session_.data().alphabet();
  std::string letters;
  for (const std::uint8_t byte : text) {
    const char c = static_cast<char>(byte);
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    if (byte > 126 || alphabet.token(c) < 0 || letters.size() >= io::kMaxInserted) return false;
    letters += c;
  }
  if (letters.empty()) return false;
  const int before = session_.length();
  const std::uint64_t serial = letters_serial();
  replace(now.first - 1, now.count(), letters);
  if (letters_serial() == serial) return true;  // it says why not, or the same letters stood there
  const int came = session_.length() - before + now.count();
  // One that follows goes behind this one, or in its place where a range is picked.
  const bool range = now.count() > 0;
  set_focus({range ? now.first : now.first + came, now.first + came - 1});
  if (!range) session_.go_to(now.first + came - 1);
  return true;
}

bool Edits::copy_focus() {
  const Focus now = focus();
  if (now.count() <= 0) return false;
  constexpr std::size_t kLetters = 70;  // per line, as everywhere in FASTA
  const int record = state_.project.cursor.sequence;
  std::string text = ">" + std::string(session_.data().name(record)) + ":" + std::to_string(now.first) + "-" +
                     std::to_string(now.last) + (letters_edited() ? " edited" : "") + "\n";
  const std::string_view picked = session_.letters().substr(static_cast<std::size_t>(now.first - 1),
                                                            static_cast<std::size_t>(now.count()));
  for (std::size_t at = 0; at < picked.size(); at += kLetters) {
    text += picked.substr(at, kLetters);
    text += "\n";
  }
  state_.post({io::typed("copy", "text", text), {}});
  state_.say(Severity::Note, "copied " + focus_words());
  return true;
}

// ---- by name, and in words

std::span<const VerbEntry> Edits::verbs() const {
  using Json = nlohmann::json;
  static constexpr VerbEntry kVerbs[] = {
      {"mutate",
       [](Session& s, const Json& a) {
         s.edits().replace(whole_in(a, "position", s.position()) - 1, 1, text_in(a, "letter"));
       }},
      {"insert_letters",
       [](Session& s, const Json& a) {
         s.edits().replace(whole_in(a, "position", s.position() + 1) - 1, 0, text_in(a, "letters"));
       }},
      {"delete_letters",
       [](Session& s, const Json& a) {
         s.edits().replace(whole_in(a, "position", s.position()) - 1, whole_in(a, "count", 1), "");
       }},
      {"replace_letters",
       [](Session& s, const Json& a) {
         s.edits().replace(whole_in(a, "position", s.position()) - 1, whole_in(a, "count", 1),
                           text_in(a, "letters"));
       }},
      {"restore_letters", [](Session& s, const Json&) { s.edits().restore_letters(); }},
      {"restore_letter",
       [](Session& s, const Json& a) {
         s.edits().restore_range(whole_in(a, "position", s.position()) - 1, whole_in(a, "count", 1));
       }},
      {"edit_focus",
       [](Session& s, const Json& a) {
         int first = whole_in(a, "first", 0), last = whole_in(a, "last", first);
         // "41-52", or one position, as it is typed.
         const std::string range = text_in(a, "range");
         if (!range.empty() && std::sscanf(range.c_str(), "%9d%*[ -]%9d", &first, &last) == 1) last = first;
         s.edits().set_focus({first, last});
       }},
      {"copy_letters", [](Session& s, const Json&) { s.edits().copy_focus(); }},
      {"set_state",
       [](Session& s, const Json& a) {
         const int first = whole_in(a, "first", s.position());
         s.edits().intervene({whole_in(a, "layer", 0), whole_in(a, "unit", 0), truth_in(a, "cell", false),
                              first, whole_in(a, "last", first), static_cast<float>(real_in(a, "value", 0))});
       }},
      {"take_state",
       [](Session& s, const Json& a) {
         s.edits().take_state(whole_in(a, "layer", 0), whole_in(a, "sequence", 0),
                              whole_in(a, "position", 1));
       }},
      {"clamp_state",
       [](Session& s, const Json& a) {
         const int first = whole_in(a, "first", s.position());
         s.edits().clamp_state(whole_in(a, "layer", 0), whole_in(a, "unit", 0), truth_in(a, "cell", false),
                               first, whole_in(a, "last", s.length()));
       }},
      {"release_state",
       [](Session& s, const Json& a) {
         s.edits().release(whole_in(a, "layer", 0), whole_in(a, "unit", 0), truth_in(a, "cell", false));
       }},
      {"release_states", [](Session& s, const Json&) { s.edits().release_all(); }},
      {"set_weight",
       [](Session& s, const Json& a) {
         s.edits().set_weight(whole_in(a, "tensor", 0), whole_in(a, "row", 0), whole_in(a, "column", 0),
                              static_cast<float>(real_in(a, "value", 0)), truth_in(a, "continues", false));
       }},
  };
  return kVerbs;
}

void Edits::mirror(nlohmann::json& sections) const {
  if (!session_.has_data() || session_.length() == 0 || !letters_obstacle().empty()) return;
  Section section("Edit and see", "edits");
  const std::string letters = letters_words(), set = states_words(), picked = focus_words();
  if (!letters.empty()) section.line(letters);
  if (!set.empty()) section.line(set);
  if (!picked.empty()) section.line({"Picked: ", picked});
  if (letters.empty() && set.empty() && picked.empty()) section.line("The sequence is read as it was given.");
  const int position = session_.position();
  const std::string_view all = session_.letters();
  section.text_input("mutate", "letter", "Letter at the position")
      .value(position > 0 ? std::string(1, all[static_cast<std::size_t>(position - 1)]) : std::string());
  section.text_input("insert_letters", "letters", "Insert after the position").value("");
  const Focus now = focus();
  section.text_input("edit_focus", "range", "Picked letters, first-last")
      .value(now.count() > 0 ? text_of({now.first, "-", now.last}) : std::string());
  section.button("copy_letters", "Copy the picked letters").disabled(now.count() == 0);
  section.button("delete_letters", "Delete the letter").disabled(position == 0);
  section.button("restore_letters", "Letters as given").disabled(!letters_edited());
  section.button("release_states", "Release states set by hand").disabled(states().empty());
  section.add_to(sections);
}

}  // namespace ribostep::session
