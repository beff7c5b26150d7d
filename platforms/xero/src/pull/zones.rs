//! Xero names time zones as Windows does, without spaces and punctuation:
//! <https://developer.xero.com/documentation/api/accounting/types#timezones>

use serde::Deserialize;

use super::text::Str;

/// The IANA name of the time zone that an organisation says.
pub(crate) fn zone(organisation: &str) -> Option<String> {
    let wire: Wire<'_> = serde_json::from_str(organisation).ok()?;
    iana(wire.timezone?.as_str()).map(str::to_owned)
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "Timezone", borrow)]
    timezone: Option<Str<'a>>,
}

/// The zone's name in the IANA database; `None` for one that is not listed.
fn iana(xero: &str) -> Option<&'static str> {
    let found = ZONES.iter().find(|(name, _)| name.eq_ignore_ascii_case(xero));
    found.map(|(_, iana)| *iana)
}

/// By the zone's name at Xero; the place is the one that stands for the zone.
const ZONES: &[(&str, &str)] = &[
    ("UTC", "UTC"),
    ("GMTSTANDARDTIME", "Europe/London"),
    ("GREENWICHSTANDARDTIME", "Atlantic/Reykjavik"),
    ("MOROCCOSTANDARDTIME", "Africa/Casablanca"),
    ("WESTEUROPESTANDARDTIME", "Europe/Berlin"),
    ("ROMANCESTANDARDTIME", "Europe/Paris"),
    ("CENTRALEUROPESTANDARDTIME", "Europe/Budapest"),
    ("CENTRALEUROPEANSTANDARDTIME", "Europe/Warsaw"),
    ("WCENTRALAFRICASTANDARDTIME", "Africa/Lagos"),
    ("NAMIBIASTANDARDTIME", "Africa/Windhoek"),
    ("EEUROPESTANDARDTIME", "Europe/Chisinau"),
    ("GTBSTANDARDTIME", "Europe/Bucharest"),
    ("FLESTANDARDTIME", "Europe/Kyiv"),
    ("EGYPTSTANDARDTIME", "Africa/Cairo"),
    ("SOUTHAFRICASTANDARDTIME", "Africa/Johannesburg"),
    ("ISRAELSTANDARDTIME", "Asia/Jerusalem"),
    ("JORDANSTANDARDTIME", "Asia/Amman"),
    ("MIDDLEEASTSTANDARDTIME", "Asia/Beirut"),
    ("SYRIASTANDARDTIME", "Asia/Damascus"),
    ("TURKEYSTANDARDTIME", "Europe/Istanbul"),
    ("KALININGRADSTANDARDTIME", "Europe/Kaliningrad"),
    ("ARABICSTANDARDTIME", "Asia/Baghdad"),
    ("ARABSTANDARDTIME", "Asia/Riyadh"),
    ("EAFRICASTANDARDTIME", "Africa/Nairobi"),
    ("BELARUSSTANDARDTIME", "Europe/Minsk"),
    ("RUSSIANSTANDARDTIME", "Europe/Moscow"),
    ("IRANSTANDARDTIME", "Asia/Tehran"),
    ("ARABIANSTANDARDTIME", "Asia/Dubai"),
    ("AZERBAIJANSTANDARDTIME", "Asia/Baku"),
    ("CAUCASUSSTANDARDTIME", "Asia/Yerevan"),
    ("GEORGIANSTANDARDTIME", "Asia/Tbilisi"),
    ("MAURITIUSSTANDARDTIME", "Indian/Mauritius"),
    ("AFGHANISTANSTANDARDTIME", "Asia/Kabul"),
    ("PAKISTANSTANDARDTIME", "Asia/Karachi"),
    ("WESTASIASTANDARDTIME", "Asia/Tashkent"),
    ("INDIASTANDARDTIME", "Asia/Kolkata"),
    ("SRILANKASTANDARDTIME", "Asia/Colombo"),
    ("NEPALSTANDARDTIME", "Asia/Kathmandu"),
    ("BANGLADESHSTANDARDTIME", "Asia/Dhaka"),
    ("CENTRALASIASTANDARDTIME", "Asia/Almaty"),
    ("MYANMARSTANDARDTIME", "Asia/Yangon"),
    ("SEASIASTANDARDTIME", "Asia/Bangkok"),
    ("CHINASTANDARDTIME", "Asia/Shanghai"),
    ("SINGAPORESTANDARDTIME", "Asia/Singapore"),
    ("TAIPEISTANDARDTIME", "Asia/Taipei"),
    ("WAUSTRALIASTANDARDTIME", "Australia/Perth"),
    ("KOREASTANDARDTIME", "Asia/Seoul"),
    ("TOKYOSTANDARDTIME", "Asia/Tokyo"),
    ("AUSCENTRALSTANDARDTIME", "Australia/Darwin"),
    ("CENAUSTRALIASTANDARDTIME", "Australia/Adelaide"),
    ("AUSEASTERNSTANDARDTIME", "Australia/Sydney"),
    ("EAUSTRALIASTANDARDTIME", "Australia/Brisbane"),
    ("TASMANIASTANDARDTIME", "Australia/Hobart"),
    ("WESTPACIFICSTANDARDTIME", "Pacific/Port_Moresby"),
    ("CENTRALPACIFICSTANDARDTIME", "Pacific/Guadalcanal"),
    ("FIJISTANDARDTIME", "Pacific/Fiji"),
    ("NEWZEALANDSTANDARDTIME", "Pacific/Auckland"),
    ("TONGASTANDARDTIME", "Pacific/Tongatapu"),
    ("SAMOASTANDARDTIME", "Pacific/Apia"),
    ("AZORESSTANDARDTIME", "Atlantic/Azores"),
    ("CAPEVERDESTANDARDTIME", "Atlantic/Cape_Verde"),
    ("ESOUTHAMERICASTANDARDTIME", "America/Sao_Paulo"),
    ("ARGENTINASTANDARDTIME", "America/Argentina/Buenos_Aires"),
    ("SAEASTERNSTANDARDTIME", "America/Cayenne"),
    ("GREENLANDSTANDARDTIME", "America/Nuuk"),
    ("MONTEVIDEOSTANDARDTIME", "America/Montevideo"),
    ("BAHIASTANDARDTIME", "America/Bahia"),
    ("NEWFOUNDLANDSTANDARDTIME", "America/St_Johns"),
    ("ATLANTICSTANDARDTIME", "America/Halifax"),
    ("PARAGUAYSTANDARDTIME", "America/Asuncion"),
    ("CENTRALBRAZILIANSTANDARDTIME", "America/Cuiaba"),
    ("SAWESTERNSTANDARDTIME", "America/La_Paz"),
    ("PACIFICSASTANDARDTIME", "America/Santiago"),
    ("VENEZUELASTANDARDTIME", "America/Caracas"),
    ("EASTERNSTANDARDTIME", "America/New_York"),
    ("USEASTERNSTANDARDTIME", "America/Indiana/Indianapolis"),
    ("SAPACIFICSTANDARDTIME", "America/Bogota"),
    ("CENTRALSTANDARDTIME", "America/Chicago"),
    ("CENTRALSTANDARDTIME(MEXICO)", "America/Mexico_City"),
    ("CENTRALAMERICASTANDARDTIME", "America/Guatemala"),
    ("CANADACENTRALSTANDARDTIME", "America/Regina"),
    ("MOUNTAINSTANDARDTIME", "America/Denver"),
    ("USMOUNTAINSTANDARDTIME", "America/Phoenix"),
    ("PACIFICSTANDARDTIME", "America/Los_Angeles"),
    ("ALASKANSTANDARDTIME", "America/Anchorage"),
    ("HAWAIIANSTANDARDTIME", "Pacific/Honolulu"),
];

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn every_zone_is_one_of_the_database() {
        for (name, zone) in ZONES {
            assert!(TimeZone::get(zone).is_ok(), "{name}: {zone}");
        }
        assert_eq!(iana("NewZealandStandardTime"), Some("Pacific/Auckland"));
        assert_eq!(iana("MARSSTANDARDTIME"), None);
        let organisation = r#"{"Name":"Acme","Timezone":"GMTSTANDARDTIME"}"#;
        assert_eq!(zone(organisation).as_deref(), Some("Europe/London"));
        assert_eq!(zone("{}"), None);
    }
}
