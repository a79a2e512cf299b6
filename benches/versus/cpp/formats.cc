// libphonenumber's formats, timed as src/bin/formats.rs times the others, which compiles and runs this.
//
// stdin: numbers, one a line. stdout: for each format, ns a number in the fastest round, and the texts, one a line.

#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>
#include <vector>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;
using Clock = std::chrono::steady_clock;

int main() {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  std::vector<PhoneNumber> numbers;
  for (std::string line; std::getline(std::cin, line);) {
    numbers.emplace_back();
    util.Parse(line, "ZZ", &numbers.back());
  }
  if (numbers.empty()) return 1;
  for (const auto style : {PhoneNumberUtil::INTERNATIONAL, PhoneNumberUtil::NATIONAL, PhoneNumberUtil::RFC3966}) {
    std::string text;
    size_t length = 0;
    double fastest = 1e18;
    const auto started = Clock::now();
    while (Clock::now() - started < std::chrono::seconds(3)) {
      const auto round = Clock::now();
      for (const auto& number : numbers) {
        util.Format(number, style, &text);
        length += text.size();
      }
      fastest = std::min(fastest, std::chrono::duration<double, std::nano>(Clock::now() - round).count());
    }
    if (length == 0) return 1;
    std::cout << fastest / numbers.size() << '\n';
    for (const auto& number : numbers) {
      util.Format(number, style, &text);
      std::cout << text << '\n';
    }
  }
}
