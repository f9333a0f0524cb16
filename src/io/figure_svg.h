// The tracks as a drawing that scales: letters, heat maps, shares, lines and bars over one axis, with a
// caption. Knows nothing of tracks or sessions; ui/track_export.cpp fills it.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "io/figure_table.h"

namespace ribostep::io {

inline constexpr int kFigureColumns = 1500;           // more positions than this share columns, as their mean
inline constexpr std::size_t kFigureCells = 100'000;  // of one heat map

// Colours are 0xAABBGGRR, as everywhere on the screen.
struct FigureRow {
  enum class Kind : std::uint8_t {
    Letters,
    Heat,
    Shares,
    Lines,
    Bars,
    Logo
  };  // Logo: letters as high as a number
  Kind kind = Kind::Lines;
  // Title in pieces: on the line, lowered (-1) or raised (1).
  struct Piece {
    std::string text;
    int shift = 0;
  };
  std::vector<Piece> title;
  std::string note;
  double height = 40;
  std::string_view letters;  // of the whole sequence
  std::function<std::uint32_t(char)> fill;
  std::vector<std::string> names;
  std::vector<std::uint32_t> colours;
  std::array<std::uint32_t, 256> map{};
  double low = -1, high = 1;  // high <= low: the range of what is drawn
  std::function<void(int letter, double*)> read;
};

class FigureBuilder {
 public:
  // Positions first..last, counted from 1.
  FigureBuilder(int first, int last, bool dark);
  int per_column() const { return per_column_; }
  bool room_for_logo() const;  // letters of their own, wide enough to be read
  void heading(const std::string& words);
  void add(const FigureRow& row);
  void mark(int position);  // a line through everything
  // XML 1.0 in UTF-8, well-formed whatever the names hold.
  std::string finish(const std::string& title, const std::vector<std::string>& caption,
                     const Facts& facts) const;

 private:
  double x_of(double letter) const;  // left edge of a letter, counted from 0
  static bool legend_beside(const FigureRow& row);
  void label(const FigureRow& row);
  void legend_below(const FigureRow& row);
  void swatch(double x, double y, const FigureRow& row, std::size_t i);
  void scale(double low, double high, double height, double right);
  std::vector<double> reduced(const FigureRow& row, int group, int columns) const;
  void letters(const FigureRow& row);
  void heat(const FigureRow& row);
  void shares(const std::vector<double>& values, std::size_t rows, const std::vector<std::uint32_t>& colours,
              double height);
  void lines(const FigureRow& row);
  void logo(const FigureRow& row);
  void ruler();

  int begin_, end_;  // letters
  int per_column_ = 1, columns_ = 0;
  double width_ = 0, y_ = 0;
  bool dark_;
  std::string body_;
  std::vector<int> marks_;
};

// Escaped for XML: no markup, no control characters, no broken UTF-8.
std::string xml_text(std::string_view text);

}  // namespace ribostep::io
