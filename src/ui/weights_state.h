// What the weights panel remembers between frames.
#pragma once

namespace ribostep::ui {

struct WeightsState {};

}  // namespace ribostep::ui
