// What the space panel remembers between frames.
#pragma once

namespace ribostep::ui {

struct SpaceState {};

}  // namespace ribostep::ui
