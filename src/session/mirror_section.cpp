#include "session/mirror_section.h"

#include <utility>

#include "io/json_put.h"

namespace ribostep::session {

using io::append;
using io::put;
using nlohmann::json;

Piece::Piece(const char* words) : Piece(std::string_view(words)) {}
Piece::Piece(const std::string& words) : Piece(std::string_view(words)) {}
Piece::Piece(std::string_view words) : words_(words.data()), size_(words.size()), number_(0) {}
Piece::Piece(int number) : Piece(static_cast<std::int64_t>(number)) {}
Piece::Piece(std::int64_t number) : words_(nullptr), size_(0), number_(number) {}

void Piece::add_to(std::string& text) const {
  if (words_)
    text.append(words_, size_);
  else
    text += std::to_string(number_);
}

std::string text_of(std::initializer_list<Piece> pieces) {
  std::string text;
  for (const Piece& piece : pieces) piece.add_to(text);
  return text;
}

Section::Section(const char* title, const char* id) {
  put(section_, "title", title);
  put(section_, "id", id);
  part("lines");
}

json& Section::part(const char* name) {
  json& list = section_[name];
  if (list.is_null()) list = json::array();
  return list;
}

void Section::add_to(json& sections) { sections.push_back(std::move(section_)); }

// ---- lines

void Section::line(const char* text) { append(part("lines"), text); }
void Section::line(const std::string& text) { append(part("lines"), text); }
void Section::line(std::initializer_list<Piece> pieces) { line(text_of(pieces)); }

// ---- controls

Section& Section::control(const char* list, const char* verb, json label) {
  json& all = part(list);
  all.push_back(json::object());
  last_ = &all.back();
  put(*last_, "verb", verb);
  put(*last_, "label", std::move(label));
  return *this;
}
Section& Section::input(const char* kind, const char* verb, const char* arg, const char* label) {
  control("inputs", verb, label);
  put(*last_, "arg", arg);
  put(*last_, "kind", kind);
  return *this;
}
Section& Section::button(const char* verb, const char* label) { return control("buttons", verb, label); }
Section& Section::button(const char* verb, const std::string& label) {
  return control("buttons", verb, label);
}
Section& Section::text_input(const char* verb, const char* arg, const char* label) {
  return input("text", verb, arg, label);
}
Section& Section::number_input(const char* verb, const char* arg, const char* label) {
  return input("number", verb, arg, label);
}
Section& Section::list_input(const char* verb, const char* arg, const char* label) {
  input("list", verb, arg, label);
  put(*last_, "options", json::array());
  return *this;
}

Section& Section::pressed(bool pressed) { return put(*last_, "pressed", pressed), *this; }
Section& Section::disabled(bool disabled) { return put(*last_, "disabled", disabled), *this; }

Section& Section::args() {
  json& object = (*last_)["args"];
  if (object.is_null()) object = json::object();
  return *this;
}
Section& Section::arg(const char* key, bool value) { return put((*last_)["args"], key, value), *this; }
Section& Section::arg(const char* key, int value) { return put((*last_)["args"], key, value), *this; }
Section& Section::arg(const char* key, const char* value) { return put((*last_)["args"], key, value), *this; }
Section& Section::arg(const char* key, const std::string& value) {
  return put((*last_)["args"], key, value), *this;
}

Section& Section::value(std::int64_t value) { return put(*last_, "value", value), *this; }
Section& Section::value(int value) { return put(*last_, "value", value), *this; }
Section& Section::value(double value) { return put(*last_, "value", value), *this; }
Section& Section::value(const char* value) { return put(*last_, "value", value), *this; }
Section& Section::value(const std::string& value) { return put(*last_, "value", value), *this; }

Section& Section::choice(json value, json label) {
  json& options = (*last_)["options"];
  options.push_back(json::object());
  put(options.back(), "value", std::move(value));
  put(options.back(), "label", std::move(label));
  return *this;
}
Section& Section::option(const char* value, const char* label) { return choice(value, label); }
Section& Section::option(const std::string& value, const std::string& label) { return choice(value, label); }
Section& Section::option(int value, const std::string& label) { return choice(value, label); }

Section& Section::error(const std::string& why) {
  if (!why.empty()) put(*last_, "error", why);
  return *this;
}

// ---- the table

void Section::header(std::initializer_list<const char*> cells) {
  row();
  for (const char* cell : cells) append(*last_, cell);
}
Section& Section::row() {
  json& table = part("table");
  table.push_back(json::array());
  last_ = &table.back();
  return *this;
}
Section& Section::cell(const char* text) { return append(*last_, text), *this; }
Section& Section::cell(const std::string& text) { return append(*last_, text), *this; }
Section& Section::cell(int number) { return cell(std::to_string(number)); }

}  // namespace ribostep::session
