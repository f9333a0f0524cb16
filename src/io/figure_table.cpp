#include "io/figure_table.h"

#include "io/tables.h"

namespace ribostep::io {
namespace {

// A number is no formula, though it may begin with a minus.
bool is_number(const std::string& cell) {
  const std::size_t sign = cell.empty() || cell[0] != '-' ? 0 : 1;
  const std::size_t mantissa = cell.find_first_not_of("0123456789.", sign);
  if (mantissa == sign) return false;
  if (mantissa == std::string::npos) return true;
  if (cell[mantissa] != 'e') return false;
  const std::size_t power = cell.find_first_not_of("+-", mantissa + 1);
  return power != std::string::npos && power <= mantissa + 2 &&
         cell.find_first_not_of("0123456789", power) == std::string::npos;
}

}  // namespace

std::string fact_lines(const Facts& facts, const char* prefix) {
  std::string text;
  for (const Fact& fact : facts) {
    std::string line = fact.name + ": " + fact.value;
    for (char& c : line)
      if (static_cast<unsigned char>(c) < 32) c = ' ';
    text += prefix + line + "\n";
  }
  return text;
}

std::string fact_table(const Facts& facts, const std::vector<std::string>& columns,
                       const std::function<bool(std::vector<std::string>&)>& row) {
  std::string text = fact_lines(facts, "# ");
  const auto add = [&](const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) text += '\t';
      text += is_number(cells[i]) ? cells[i] : tsv_cell(cells[i]);
    }
    text += '\n';
  };
  add(columns);
  std::vector<std::string> cells;
  while (cells.clear(), row(cells)) add(cells);
  return text;
}

std::string file_name(const std::string& words) {
  constexpr std::size_t kLongest = 60;
  std::string name;
  for (const char c : words) {
    if (name.size() >= kLongest) break;
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    if (plain)
      name += c;
    else if (!name.empty() && name.back() != '_')
      name += '_';
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  return name.empty() ? "sequence" : name;
}

}  // namespace ribostep::io
