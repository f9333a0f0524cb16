// One row of a form together with what it does to its owner, a model or the settings of training: a field of
// form.h and a setter that believes nothing. Which rows there are, and what is possible, is the forms' own.
#pragma once
#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "session/form.h"

namespace ribostep::session {

template <class Owner>
struct FormControl {
  Field field;
  bool shown = true;
  // False when the value is of a wrong kind; numbers are brought into their range.
  std::function<bool(Owner&, const nlohmann::json&)> set;
};

// Rounds half away from 0.
inline bool read_whole(const nlohmann::json& value, int low, int high, int& out) {
  if (!value.is_number() || value.get<double>() != value.get<double>()) return false;
  const double number = std::clamp(value.get<double>(), static_cast<double>(low), static_cast<double>(high));
  out = std::clamp(static_cast<int>(number + (number < 0 ? -0.5 : 0.5)), low, high);
  return true;
}

template <class Owner>
void make_whole(FormControl<Owner>& control, const Owner& now, int Owner::*member, int low, int high) {
  control.field.value = now.*member;
  control.field.low = low;
  control.field.high = high;
  control.set = [member, low, high](Owner& owner, const nlohmann::json& value) {
    return read_whole(value, low, high, owner.*member);
  };
}

template <class Owner>
void make_real(FormControl<Owner>& control, const Owner& now, double Owner::*member, double low, double high,
               double speed) {
  control.field.value = now.*member;
  control.field.low = low;
  control.field.high = high;
  control.field.speed = speed;
  control.set = [member, low, high](Owner& owner, const nlohmann::json& value) {
    if (!value.is_number()) return false;
    owner.*member = std::clamp(value.get<double>(), low, high);
    return true;
  };
}

// `why_not(choice)`: why this one is not possible; empty when it is.
template <class Owner, class E, class WhyNot>
void make_list(FormControl<Owner>& control, const Owner& now, E Owner::*member, WhyNot why_not) {
  control.field.value = rnn::name(now.*member);
  for (int i = 0; i < rnn::kCount<E>; ++i) {
    const E choice = static_cast<E>(i);
    control.field.options.push_back({rnn::name(choice), rnn::label(choice), why_not(choice)});
  }
  control.set = [member](Owner& owner, const nlohmann::json& value) {
    for (int i = 0; i < rnn::kCount<E>; ++i) {
      if (value != rnn::name(static_cast<E>(i))) continue;
      owner.*member = static_cast<E>(i);
      return true;
    }
    return false;
  };
}

template <class Owner>
void make_flag(FormControl<Owner>& control, const Owner& now, bool Owner::*member) {
  control.field.value = now.*member;
  control.set = [member](Owner& owner, const nlohmann::json& value) {
    if (!value.is_boolean()) return false;
    owner.*member = value.get<bool>();
    return true;
  };
}

}  // namespace ribostep::session
