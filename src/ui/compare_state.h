// What the compare panel remembers between frames.
#pragma once

namespace ribostep::ui {

struct CompareState {};

}  // namespace ribostep::ui
