// One section of the text mirror while it is written: lines, controls, a table. What it comes out as is told
// with Facet::mirror. Everything is a call of its own, without temporaries to take away: see io/json_put.h.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace ribostep::session {

// A part of a text: words that are kept elsewhere, or a whole number.
class Piece {
 public:
  Piece(const char* words);
  Piece(const std::string& words);
  Piece(std::string_view words);
  Piece(int number);
  Piece(std::int64_t number);
  void add_to(std::string& text) const;

 private:
  const char* words_;  // null: the number
  std::size_t size_;
  std::int64_t number_;
};
std::string text_of(std::initializer_list<Piece> pieces);

class Section {
 public:
  Section(const char* title, const char* id);

  void line(const char* text);
  void line(const std::string& text);
  void line(std::initializer_list<Piece> pieces);

  // Controls: what is said after one of them is about it.
  Section& button(const char* verb, const char* label);
  Section& button(const char* verb, const std::string& label);
  Section& text_input(const char* verb, const char* arg, const char* label);
  Section& number_input(const char* verb, const char* arg, const char* label);
  Section& list_input(const char* verb, const char* arg, const char* label);
  Section& pressed(bool pressed);
  Section& disabled(bool disabled);
  Section& args();  // an object even if none follows
  Section& arg(const char* key, bool value);
  Section& arg(const char* key, int value);
  Section& arg(const char* key, const char* value);
  Section& arg(const char* key, const std::string& value);
  Section& value(int value);
  Section& value(std::int64_t value);
  Section& value(double value);
  Section& value(const char* value);
  Section& value(const std::string& value);
  Section& option(const char* value, const char* label);
  Section& option(const std::string& value, const std::string& label);
  Section& option(int value, const std::string& label);
  Section& error(const std::string& why);  // empty: none

  // The table; its first row names the columns.
  void header(std::initializer_list<const char*> cells);
  Section& row();
  Section& cell(const char* text);
  Section& cell(const std::string& text);
  Section& cell(int number);

  // "inputs" or "table", there from now on even if nothing comes into it.
  nlohmann::json& part(const char* name);
  void add_to(nlohmann::json& sections);

 private:
  Section& control(const char* list, const char* verb, nlohmann::json label);
  Section& input(const char* kind, const char* verb, const char* arg, const char* label);
  Section& choice(nlohmann::json value, nlohmann::json label);
  nlohmann::json section_;
  nlohmann::json* last_ = nullptr;  // the control or the row made last
};

}  // namespace ribostep::session
