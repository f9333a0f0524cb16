// Lengths are CSS pixels. Rows go from the top down; the labels stand left of the letters.
#include "io/figure_svg.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace ribostep::io {
namespace {

constexpr double kLeft = 130, kRight = 16, kTop = 10, kGap = 5, kRuler = 22, kLine = 14;
constexpr double kWidest = 1000, kWidestLetter = 24, kLetterText = 7;
constexpr std::size_t kMostLegend = 12, kMostBelow = 60;
constexpr double kCapital = 0.72;  // height of a capital, of the size of its font
// Lines are told apart without their colours, too.
constexpr const char* kDashes[] = {"", "6 2", "2 2", "8 2 2 2", "1 3", "10 3", "5 2 1 2 1 2", "3 4"};
constexpr std::size_t kDashCount = sizeof kDashes / sizeof kDashes[0];
constexpr const char* kFont = "Inter, 'Helvetica Neue', Arial, sans-serif";

std::string px(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", v);
  std::string s = text;
  while (s.back() == '0') s.pop_back();
  if (s.back() == '.') s.pop_back();
  return s == "-0" ? "0" : s;
}

std::string hex(std::uint32_t colour) {
  char text[16];
  std::snprintf(text, sizeof text, "#%02x%02x%02x", colour & 255u, (colour >> 8u) & 255u,
                (colour >> 16u) & 255u);
  return text;
}

// Length of the UTF-8 sequence at `i` if it is a proper one that XML may hold, else 0.
std::size_t sequence_at(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned>(static_cast<unsigned char>(text[k])); };
  const unsigned lead = byte(i);
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  if (length == 0 || i + length > text.size()) return 0;
  unsigned code = length == 1 ? lead : lead & (0x7Fu >> length);
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte(i + k) & 0xC0u) != 0x80u) return 0;
    code = (code << 6u) | (byte(i + k) & 0x3Fu);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool forbidden = (code < 0x20 && code != '\n' && code != '\t') || code == 0x7F ||
                         (code >= 0xD800 && code < 0xE000) || code == 0xFFFE || code == 0xFFFF ||
                         code > 0x10FFFF;
  return overlong || forbidden ? 0 : length;
}

std::string rect(double x, double y, double w, double h, std::uint32_t fill) {
  return "<rect x=\"" + px(x) + "\" y=\"" + px(y) + "\" width=\"" + px(w) + "\" height=\"" + px(h) +
         "\" fill=\"" + hex(fill) + "\"/>\n";
}

// Empty for the first line, which is drawn through. Past the last pattern lines become thicker.
std::string stroke_of(std::size_t line) {
  const char* dash = kDashes[line % kDashCount];
  return " stroke-width=\"" + px(1.3 + 0.7 * static_cast<double>(line / kDashCount)) + "\"" +
         (*dash ? std::string(" stroke-dasharray=\"") + dash + "\"" : std::string());
}

std::string shortened(const std::string& words) {
  std::size_t cut = 23;
  while (words.size() > 24 && cut > 0 && (static_cast<unsigned char>(words[cut]) & 0xC0u) == 0x80u) --cut;
  return words.size() > 24 ? words.substr(0, cut) + "..." : words;
}

std::uint32_t ink_on(std::uint32_t fill) {
  const double light = 0.299 * (fill & 255u) + 0.587 * ((fill >> 8u) & 255u) + 0.114 * ((fill >> 16u) & 255u);
  return light > 140 ? 0xFF201810u : 0xFFFFFFFFu;
}

}  // namespace

std::string xml_text(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_at(text, i);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      ++i;
      continue;
    }
    const char c = text[i];
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else
      out += text.substr(i, length);
    i += length;
  }
  return out;
}

FigureBuilder::FigureBuilder(int first, int last, bool dark)
    : begin_(std::max(0, first - 1)), end_(std::max(begin_ + 1, last)), dark_(dark) {
  const int letters = end_ - begin_;
  per_column_ = (letters + kFigureColumns - 1) / kFigureColumns;
  columns_ = (letters + per_column_ - 1) / per_column_;
  width_ = std::min(kWidest, kWidestLetter * letters);
  width_ = std::max(width_, 240.0);
  y_ = kTop;
  ruler();
}

double FigureBuilder::x_of(double letter) const {
  return kLeft + (letter - begin_) * width_ / static_cast<double>(end_ - begin_);
}

void FigureBuilder::ruler() {
  const double wanted = 64.0 * (end_ - begin_) / width_;
  int step = 1;
  for (int decade = 1; step < wanted && decade < 100'000'000; decade *= 10)
    for (const int nice : {1, 2, 5, 10})
      if (step < wanted) step = nice * decade;
  const double base = y_ + kRuler - 4;
  std::string ticks;
  for (int p = (begin_ + step) / step * step; p <= end_; p += step) {
    const double x = x_of(p - 0.5);
    ticks += "<text x=\"" + px(x) + "\" y=\"" + px(base - 5) + "\" text-anchor=\"middle\">" +
             std::to_string(p) + "</text><path d=\"M" + px(x) + " " + px(base - 3) +
             "v4\" stroke=\"currentColor\"/>\n";
  }
  body_ += "<g font-size=\"10\" class=\"dim\">\n" + ticks + "</g>\n";
  y_ += kRuler;
}

void FigureBuilder::heading(const std::string& words) {
  y_ += 4;
  body_ += "<text x=\"8\" y=\"" + px(y_ + 10) + "\" font-size=\"11\" font-weight=\"600\">" + xml_text(words) +
           "</text>\n";
  y_ += 16;
}

void FigureBuilder::label(const FigureRow& row) {
  double y = y_ + 11;
  body_ += "<text x=\"8\" y=\"" + px(y) + "\" font-size=\"12\">";
  double shifted = 0;
  for (const FigureRow::Piece& piece : row.title) {
    const double shift = piece.shift < 0 ? 3 : piece.shift > 0 ? -4 : 0;
    body_ += "<tspan dy=\"" + px(shift - shifted) + "\"" + (piece.shift != 0 ? " font-size=\"9\"" : "") +
             ">" + xml_text(piece.text) + "</tspan>";
    shifted = shift;
  }
  body_ += "</text>\n";
  const auto small = [&](const std::string& words, double x) {
    body_ += "<text class=\"dim\" x=\"" + px(x) + "\" y=\"" + px(y) + "\" font-size=\"9\">" +
             xml_text(shortened(words)) + "</text>\n";
  };
  if (!row.note.empty() && y + 11 <= y_ + row.height + 3) {
    y += 11;
    small(row.note, 8);
  }
  if (!legend_beside(row)) return;
  for (std::size_t i = 0; i < row.names.size() && i < row.colours.size(); ++i) {
    y += 11;
    swatch(8, y, row, i);
    small(row.names[i], 27);
  }
}

// Whether names of colours fit under the title; else they stand below the row.
bool FigureBuilder::legend_beside(const FigureRow& row) {
  const std::size_t count = row.names.size();
  if (row.kind == FigureRow::Kind::Heat || row.kind == FigureRow::Kind::Letters || count < 2 ||
      count > kMostLegend)
    return false;
  return 11.0 * static_cast<double>(count + 1 + (row.note.empty() ? 0 : 1)) <= row.height + 3;
}

// Of a line its stroke, else its colour; on the line of text that ends at `y`.
void FigureBuilder::swatch(double x, double y, const FigureRow& row, std::size_t i) {
  if (row.kind == FigureRow::Kind::Lines)
    body_ += "<path fill=\"none\" stroke=\"" + hex(row.colours[i]) + "\"" + stroke_of(i) + " d=\"M" + px(x) +
             " " + px(y - 3) + "h16\"/>\n";
  else
    body_ += rect(x, y - 7, 7, 7, row.colours[i]);
}

void FigureBuilder::legend_below(const FigureRow& row) {
  const double mark = row.kind == FigureRow::Kind::Lines ? 20 : 11;
  double x = kLeft;
  y_ += row.height + 2;
  const std::size_t count = std::min(row.names.size(), row.colours.size());
  for (std::size_t i = 0; i < count; ++i) {
    const bool last = i >= kMostBelow;
    const std::string words = last ? "and " + std::to_string(count - i) + " more" : shortened(row.names[i]);
    const double wide = mark + 5.2 * static_cast<double>(words.size()) + 10;
    if (x > kLeft && x + wide > kLeft + width_) {
      x = kLeft;
      y_ += 11;
    }
    if (!last) swatch(x, y_ + 9, row, i);
    body_ += "<text class=\"dim\" x=\"" + px(x + (last ? 0 : mark)) + "\" y=\"" + px(y_ + 9) +
             "\" font-size=\"9\">" + xml_text(words) + "</text>\n";
    x += wide;
    if (last) break;
  }
  y_ += 11 - row.height;
}

// The ends of a scale, left of the row; of a low row on one line.
void FigureBuilder::scale(double low, double high, double height, double right) {
  const auto words = [](double v) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", v);
    return std::string(text);
  };
  const auto write = [&](const std::string& text, double y) {
    body_ += "<text class=\"dim\" x=\"" + px(right) + "\" y=\"" + px(y) +
             "\" font-size=\"8\" text-anchor=\"end\">" + text + "</text>\n";
  };
  if (height < 18) return write(words(low) + " ... " + words(high), y_ + height / 2 + 3);
  write(words(high), y_ + 7);
  write(words(low), y_ + height);
}

// [rows][columns]: means of the finite values of `group` letters each; NaN where there are none.
std::vector<double> FigureBuilder::reduced(const FigureRow& row, int group, int columns) const {
  const std::size_t rows = row.names.size(), wide = static_cast<std::size_t>(columns);
  std::vector<double> sums(rows * wide, 0.0), here(rows);
  std::vector<int> counts(rows * wide, 0);
  for (int t = begin_; t < end_; ++t) {
    const auto column = static_cast<std::size_t>((t - begin_) / group);
    std::fill(here.begin(), here.end(), std::nan(""));
    row.read(t, here.data());
    for (std::size_t r = 0; r < rows; ++r) {
      if (!std::isfinite(here[r])) continue;
      sums[r * wide + column] += here[r];
      ++counts[r * wide + column];
    }
  }
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = counts[i] > 0 ? sums[i] / counts[i] : std::nan("");
  return sums;
}

void FigureBuilder::add(const FigureRow& row) {
  label(row);
  switch (row.kind) {
    case FigureRow::Kind::Letters:
      letters(row);
      break;
    case FigureRow::Kind::Heat:
      heat(row);
      break;
    case FigureRow::Kind::Shares:
      body_ += "<g shape-rendering=\"crispEdges\">\n";
      shares(reduced(row, per_column_, columns_), row.names.size(), row.colours, row.height);
      body_ += "</g>\n";
      break;
    case FigureRow::Kind::Lines:
    case FigureRow::Kind::Bars:
      lines(row);
      break;
    case FigureRow::Kind::Logo:
      logo(row);
      break;
  }
  const bool coloured = row.kind == FigureRow::Kind::Lines || row.kind == FigureRow::Kind::Bars ||
                        row.kind == FigureRow::Kind::Shares;
  if (coloured && row.names.size() > 1 && !legend_beside(row)) legend_below(row);
  y_ += row.height + kGap;
}

void FigureBuilder::letters(const FigureRow& row) {
  const int size = static_cast<int>(row.letters.size());
  const auto letter = [&](int t) { return t < size ? row.letters[static_cast<std::size_t>(t)] : ' '; };
  body_ += "<g shape-rendering=\"crispEdges\">\n";
  if (per_column_ > 1) {  // how much of each letter is in a column
    std::array<int, 256> seen{};
    for (int t = begin_; t < end_; ++t) ++seen[static_cast<unsigned char>(letter(t))];
    FigureRow shown;
    std::string kinds;
    for (std::size_t c = 33; c < 256; ++c) {
      if (seen[c] == 0 || c == '.') continue;
      kinds += static_cast<char>(c);
      shown.names.emplace_back(1, static_cast<char>(c));
      shown.colours.push_back(row.fill(static_cast<char>(c)));
    }
    shown.read = [&](int t, double* out) {
      for (std::size_t k = 0; k < kinds.size(); ++k) out[k] = kinds[k] == letter(t) ? 1 : 0;
    };
    shares(reduced(shown, per_column_, columns_), kinds.size(), shown.colours, row.height);
    body_ += "</g>\n";
    // Letters cannot be written here: the colours are named.
    shown.kind = FigureRow::Kind::Shares;
    shown.height = row.height;
    if (!kinds.empty()) legend_below(shown);
    return;
  }
  const double cell = width_ / (end_ - begin_);
  for (int t = begin_; t < end_;) {
    // Neighbours of one colour make one rectangle, until letters are written into them.
    int next = t + 1;
    while (next < end_ && letter(next) == letter(t)) ++next;
    if (letter(t) != ' ' && letter(t) != '.')
      body_ += rect(x_of(t), y_, cell * (next - t), row.height, row.fill(letter(t)));
    t = next;
  }
  body_ += "</g>\n";
  if (cell < kLetterText) return;
  body_ += "<g font-family=\"monospace\" text-anchor=\"middle\" font-size=\"" +
           px(std::min(12.0, cell * 1.3)) + "\">\n";
  for (int t = begin_; t < end_; ++t) {
    if (letter(t) == ' ') continue;
    const std::uint32_t ink = letter(t) == '.' ? 0xFF888888u : ink_on(row.fill(letter(t)));
    body_ += "<text x=\"" + px(x_of(t + 0.5)) + "\" y=\"" + px(y_ + row.height / 2 + 4) +
             "\" style=\"fill:" + hex(ink) + "\">" + xml_text(std::string(1, letter(t))) + "</text>\n";
  }
  body_ += "</g>\n";
}

// Cells of one colour in one path each: a rectangle per cell would be ten times as long.
void FigureBuilder::heat(const FigureRow& row) {
  const std::size_t rows = row.names.size();
  if (rows == 0) return;
  int group = per_column_;
  const auto columns_of = [&](int g) { return (end_ - begin_ + g - 1) / g; };
  while (static_cast<std::size_t>(columns_of(group)) * rows > kFigureCells && group < end_ - begin_) ++group;
  const int columns = columns_of(group);
  const std::vector<double> values = reduced(row, group, columns);
  double low = row.low, high = row.high;
  if (!(high > low)) {
    low = 0, high = 1;
    for (const double v : values)
      if (std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
  }
  std::array<std::string, 256> paths;
  const double tall = row.height / static_cast<double>(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    const auto byte = [&](int c) {
      const double v = values[r * static_cast<std::size_t>(columns) + static_cast<std::size_t>(c)];
      if (!std::isfinite(v)) return -1;
      return static_cast<int>(std::clamp((v - low) / (high - low), 0.0, 1.0) * 255 + 0.5);
    };
    for (int c = 0; c < columns;) {
      const int b = byte(c), from = c;
      while (c < columns && byte(c) == b) ++c;
      if (b < 0) continue;
      const double x0 = x_of(begin_ + from * group), x1 = x_of(std::min(end_, begin_ + c * group));
      paths[static_cast<std::size_t>(b)] += "M" + px(x0) + " " + px(y_ + tall * static_cast<double>(r)) +
                                            "h" + px(x1 - x0) + "v" + px(tall) + "H" + px(x0) + "z";
    }
  }
  body_ += "<g shape-rendering=\"crispEdges\">\n";
  for (std::size_t b = 0; b < paths.size(); ++b)
    if (!paths[b].empty()) body_ += "<path fill=\"" + hex(row.map[b]) + "\" d=\"" + paths[b] + "\"/>\n";
  constexpr int kBar = 16;  // steps of the bar of colours
  for (int i = 0; i < kBar; ++i)
    body_ += rect(kLeft - 8, y_ + row.height * (kBar - 1 - i) / kBar, 4, row.height / kBar,
                  row.map[static_cast<std::size_t>(i * 255 / (kBar - 1))]);
  body_ += "</g>\n";
  scale(low, high, row.height, kLeft - 11);
}

void FigureBuilder::shares(const std::vector<double>& values, std::size_t rows,
                           const std::vector<std::uint32_t>& colours, double height) {
  const auto wide = static_cast<std::size_t>(columns_);
  std::vector<double> base(wide, 0.0);
  for (std::size_t r = 0; r < rows && r < colours.size(); ++r) {
    std::string path;
    for (std::size_t c = 0; c < wide; ++c) {
      const double v = values[r * wide + c];
      if (!(v > 0)) continue;
      const double from = std::min(1.0, base[c]), to = std::min(1.0, base[c] + v);
      base[c] = to;
      const int t = begin_ + static_cast<int>(c) * per_column_;
      const double x0 = x_of(t), x1 = x_of(std::min(end_, t + per_column_));
      path += "M" + px(x0) + " " + px(y_ + height * (1 - to)) + "H" + px(x1) + "v" +
              px(height * (to - from)) + "H" + px(x0) + "z";
    }
    if (!path.empty()) body_ += "<path fill=\"" + hex(colours[r]) + "\" d=\"" + path + "\"/>\n";
  }
}

void FigureBuilder::lines(const FigureRow& row) {
  const bool bars = row.kind == FigureRow::Kind::Bars;
  const std::vector<double> values = reduced(row, per_column_, columns_);
  double low = row.low, high = row.high;
  if (!(high > low)) {
    low = 1e300, high = -1e300;
    for (const double v : values)
      if (std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
    if (bars) low = std::min(low, 0.0), high = std::max(high, 0.0);
    if (!(high > low)) low = low > 1e299 ? 0 : low - 1, high = low + 2;
  }
  const auto y_at = [&](double v) {
    return y_ + row.height * (1 - std::clamp((v - low) / (high - low), 0.0, 1.0));
  };
  body_ += "<rect class=\"back\" x=\"" + px(kLeft) + "\" y=\"" + px(y_) + "\" width=\"" + px(width_) +
           "\" height=\"" + px(row.height) + "\"/>\n";
  const auto wide = static_cast<std::size_t>(columns_);
  for (std::size_t r = 0; r < row.names.size(); ++r) {
    const std::string colour = r < row.colours.size() ? hex(row.colours[r]) : "currentColor";
    std::string path;
    bool open = false;
    for (std::size_t c = 0; c < wide; ++c) {
      const double v = values[r * wide + c];
      if (!std::isfinite(v)) {
        open = false;
        continue;
      }
      const int t = begin_ + static_cast<int>(c) * per_column_, end = std::min(end_, t + per_column_);
      if (bars) {
        path += "M" + px(x_of(t)) + " " + px(y_at(0)) + "V" + px(y_at(v)) + "H" + px(x_of(end)) + "V" +
                px(y_at(0)) + "z";
      } else {
        path += (open ? "L" : "M") + px((x_of(t) + x_of(end)) / 2) + " " + px(y_at(v));
        open = true;
      }
    }
    if (path.empty()) continue;
    body_ += bars
                 ? "<path fill=\"" + colour + "\" d=\"" + path + "\"/>\n"
                 : "<path fill=\"none\" stroke=\"" + colour + "\"" + stroke_of(r) + " d=\"" + path + "\"/>\n";
  }
  scale(low, high, row.height, kLeft - 4);
}

bool FigureBuilder::room_for_logo() const {
  return per_column_ == 1 && width_ / (end_ - begin_) >= kLetterText;
}

// Each letter reaches from zero to its number.
void FigureBuilder::logo(const FigureRow& row) {
  const std::vector<double> values = reduced(row, per_column_, columns_);
  double low = 0, high = 0;
  for (const double v : values)
    if (std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
  if (!(high > low)) high = 1;
  const auto y_at = [&](double v) { return y_ + row.height * (1 - (v - low) / (high - low)); };
  const double cell = width_ / (end_ - begin_), size = 10;
  body_ += "<path stroke=\"currentColor\" stroke-opacity=\"0.3\" d=\"M" + px(kLeft) + " " + px(y_at(0)) +
           "h" + px(width_) + "\"/>\n<g font-family=\"Arial, sans-serif\" font-weight=\"700\" font-size=\"" +
           px(size) + "\">\n";
  for (int t = begin_; t < end_ && t < static_cast<int>(row.letters.size()); ++t) {
    const double v = values[static_cast<std::size_t>(t - begin_)];
    const char letter = row.letters[static_cast<std::size_t>(t)];
    const double tall = std::isfinite(v) ? std::fabs(y_at(v) - y_at(0)) : 0;
    if (tall < 0.3 || letter == ' ') continue;
    char squeezed[32];
    std::snprintf(squeezed, sizeof squeezed, "%.4f", tall / (kCapital * size));
    body_ += "<text style=\"fill:" + hex(row.fill(letter)) + "\" transform=\"translate(" + px(x_of(t)) + " " +
             px(std::max(y_at(v), y_at(0))) + ") scale(1 " + squeezed + ")\" textLength=\"" + px(cell) +
             "\" lengthAdjust=\"spacingAndGlyphs\">" + xml_text(std::string(1, letter)) + "</text>\n";
  }
  body_ += "</g>\n";
  scale(low, high, row.height, kLeft - 4);
}

void FigureBuilder::mark(int position) {
  if (position > begin_ && position <= end_) marks_.push_back(position);
}

std::string FigureBuilder::finish(const std::string& title, const std::vector<std::string>& caption,
                                  const Facts& facts) const {
  const double width = kLeft + width_ + kRight;
  // About 5.2 pixels a letter at this size.
  const auto fits = static_cast<std::size_t>((width - 16) / 5.2);
  std::vector<std::string> lines;
  for (const std::string& line : caption) {
    std::string rest = line;
    while (rest.size() > fits) {
      std::size_t cut = rest.rfind(' ', fits);
      if (cut == std::string::npos || cut < fits / 2) {
        cut = fits;
        while (cut > 0 && (static_cast<unsigned char>(rest[cut]) & 0xC0u) == 0x80u) --cut;
      }
      lines.push_back(rest.substr(0, cut));
      rest.erase(0, cut + (cut < rest.size() && rest[cut] == ' ' ? 1 : 0));
    }
    lines.push_back(rest);
  }
  const double height = y_ + 8 + kLine * static_cast<double>(lines.size()) + 8;
  std::string svg =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" +
      px(width) + "\" height=\"" + px(height) + "\" viewBox=\"0 0 " + px(width) + " " + px(height) +
      "\" font-family=\"" + kFont + "\" role=\"img\">\n";
  svg += "<title>" + xml_text(title) + "</title>\n<desc>" + xml_text(fact_lines(facts, "")) + "</desc>\n";
  svg += "<metadata><facts xmlns=\"urn:ribostep:facts\">\n";
  for (const Fact& fact : facts)
    svg += "<fact name=\"" + xml_text(fact.name) + "\">" + xml_text(fact.value) + "</fact>\n";
  svg += "</facts></metadata>\n";
  const char* text = dark_ ? "#e4e8ee" : "#1b2430";
  svg += std::string("<style>text{fill:") + text + "}.dim,.dim text{fill:" + (dark_ ? "#a2acba" : "#566171") +
         "}.back{fill:" + (dark_ ? "#232a34" : "#f0f2f5") + "}</style>\n";
  svg += "<g color=\"" + std::string(text) + "\">\n";
  svg += "<rect width=\"" + px(width) + "\" height=\"" + px(height) + "\" fill=\"" +
         (dark_ ? "#1b2129" : "#ffffff") + "\"/>\n";
  svg += body_;
  for (const int position : marks_)
    svg += "<rect x=\"" + px(x_of(position - 1)) + "\" y=\"" + px(kTop + kRuler - 3) + "\" width=\"" +
           px(std::max(1.5, x_of(position) - x_of(position - 1))) + "\" height=\"" + px(y_ - kTop - kRuler) +
           "\" fill=\"none\" stroke=\"" + text + "\" stroke-width=\"1.2\"/>\n";
  double y = y_ + 8 + 10;
  for (const std::string& line : lines) {
    svg += "<text class=\"dim\" x=\"8\" y=\"" + px(y) + "\" font-size=\"10\">" + xml_text(line) + "</text>\n";
    y += kLine;
  }
  return svg + "</g>\n</svg>\n";
}

}  // namespace ribostep::io
