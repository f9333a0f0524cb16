// What the conditions panel remembers between frames.
#pragma once

namespace ribostep::ui {

struct ConditionsState {};

}  // namespace ribostep::ui
