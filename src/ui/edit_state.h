// What the edit panel remembers between frames.
#pragma once

namespace ribostep::ui {

struct EditState {};

}  // namespace ribostep::ui
