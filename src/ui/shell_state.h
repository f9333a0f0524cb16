// What the shell panel remembers between frames.
#pragma once

namespace ribostep::ui {

struct ShellState {};

}  // namespace ribostep::ui
