// What the history panel remembers between frames.
#pragma once

namespace ribostep::ui {

struct HistoryState {};

}  // namespace ribostep::ui
