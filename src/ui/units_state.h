// What the units panel remembers between frames.
#pragma once

namespace ribostep::ui {

struct UnitsState {};

}  // namespace ribostep::ui
