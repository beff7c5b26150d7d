use crate::Decimal;

use super::Check;

/// An amount has a currency that exists, and a rate that can be calculated with.
pub(super) fn check(check: &mut Check<'_>, currency: Option<&str>, rate: Option<Decimal>) {
    one(check, "currency", currency);
    match rate {
        Some(rate) if rate.is_zero() || rate.is_negative() => check.error(
            "currency-rate-not-positive",
            "currencyRate",
            format!("The rate is {rate}."),
        ),
        Some(_) => {}
        None => {
            if let Some(currency) = currency.filter(|currency| !currency.is_empty()) {
                check.warn(
                    "currency-rate-missing",
                    "currencyRate",
                    format!(
                        "There is no rate for {currency}: what it is in the base currency cannot be told."
                    ),
                );
            }
        }
    }
}

/// A currency without a rate beside it.
pub(super) fn one(check: &mut Check<'_>, field: &str, currency: Option<&str>) {
    match currency {
        None | Some("" | "XXX") => {
            check.warn("currency-missing", field, "The currency is not known.".to_owned());
        }
        Some(currency) if !is_known(currency) => check.warn(
            "currency-unknown",
            field,
            format!(
                "`{}` is no currency of ISO 4217.",
                currency.chars().take(16).collect::<String>()
            ),
        ),
        Some(_) => {}
    }
}

fn is_known(currency: &str) -> bool {
    let mut codes = ISO_4217.as_bytes().chunks_exact(4);
    currency.len() == 3 && codes.any(|code| code.starts_with(currency.as_bytes()))
}

/// Those in use, and those that books of the last twenty years still have. Four bytes each.
const ISO_4217: &str = "\
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BYR BZD \
CAD CDF CHE CHF CHW CLF CLP CNH CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EEK EGP ERN ETB EUR FJD FKP \
GBP GEL GGP GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS IMP INR IQD IRR ISK JEP JMD JOD JPY KES KGS \
KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LVL LYD MAD MDL MGA MKD MMK MNT MOP MRO MRU MUR MVR MWK \
MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG \
SEK SGD SHP SIT SKK SLE SLL SOS SRD SSP STD STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD \
USN UYI UYU UYW UZS VED VEF VES VND VUV WST XAF XAG XAU XCD XCG XDR XOF XPD XPF XPT XSU XUA YER ZAR ZMK ZMW \
ZWD ZWG ZWL ";
