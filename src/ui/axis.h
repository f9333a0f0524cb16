// The one horizontal axis of all tracks: letters to pixels and back, zoom and pan, tick marks. Pure
// arithmetic. Letters are counted from 0 here (letter t covers [t, t+1)); the cursor's position p >= 1 is
// letter p - 1, and position 0 is the state before the first letter, which has a column of its own left of
// the axis.
#pragma once
#include <vector>

namespace ribostep::ui {

inline constexpr float kWidestLetter = 40;   // pixels: short sequences are not blown up further
inline constexpr double kFewestLetters = 4;  // zoom stops here

struct Axis {
  double first = 0;  // leftmost visible letter, fractional
  double span = 1;   // letters across `width`, > 0
  int length = 0;    // letters of the sequence
  float x0 = 0;      // left edge of the letters in pixels
  float width = 1;   // pixels for the letters, > 0

  float pixels_per_letter() const { return static_cast<float>(width / span); }
  float x_of(double letter) const { return x0 + static_cast<float>((letter - first) * (width / span)); }
  double letter_at(float x) const { return first + static_cast<double>(x - x0) * (span / width); }
  // Letter under a pixel, clamped to the sequence; -1 when there are no letters.
  int index_at(float x) const;
  // Visible letters: [begin, end).
  int begin_index() const;
  int end_index() const;

  bool fitted() const;                          // the whole sequence is visible
  void fit();                                   // show the whole sequence
  void set(double new_first, double new_span);  // span 0: fit; both are brought into range
  void zoom(double factor, float x);            // factor > 1: closer; the letter under x stays under x
  void pan(double letters);
  bool shows(int index) const;  // fully visible
  // Scrolls just enough that letter `index` is visible, with a margin, so that stepping turns pages softly.
  void reveal(int index);
  double widest_span() const;  // span when fitted
};

struct AxisTick {
  int position;  // 1-based
  bool major;    // carries a number
};
// "Nice" positions (1, 5, 10, 50, ...) for the visible window, numbers at least `gap` pixels apart.
std::vector<AxisTick> axis_ticks(const Axis& axis, float gap);

}  // namespace ribostep::ui
