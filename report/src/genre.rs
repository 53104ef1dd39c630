//! The closed lists by which reports are filed.

/// Declares an enum whose variants have one code each, and one Chinese label.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $code)] $variant,)+
        }

        impl $name {
            /// Every value, in the order they are declared.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code used in JSON, in filters and on the command line.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The Chinese name shown to readers.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|value| value.code() == text).ok_or_else(|| {
                    let all: Vec<_> = Self::ALL.iter().map(|value| value.code()).collect();
                    format!("{text:?} is none of {}", all.join(", "))
                })
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.code())
            }
        }

        /// The codes, which no derive sees behind a macro.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let labels: Vec<_> = Self::ALL
                    .iter()
                    .map(|value| format!("`{}` {}", value.code(), value.label()))
                    .collect();
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some(Self::ALL.iter().map(|value| value.code())))
                    .description(Some(labels.join(", ")))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use codes;

codes! {
    /// The kind of report (文种).
    #[derive(Default)]
    Genre {
        /// Yearly report on building a government under the rule of law.
        RuleOfLawReport = "rule-of-law-report", "法治政府建设年度报告";
        /// Yearly report on the disclosure of government information.
        OpenGovernmentReport = "open-government-report", "政府信息公开工作年度报告";
        /// Report on the work of the government to the people's congress.
        WorkReport = "work-report", "政府工作报告";
        /// Budgets, their execution, final accounts.
        BudgetReport = "budget-report", "财政预决算报告";
        /// Statistical communiqué of a year.
        StatisticalBulletin = "statistical-bulletin", "统计公报";
        /// Execution and draft of the plan for economic and social development.
        DevelopmentReport = "development-report", "国民经济和社会发展计划报告";
        /// Plans for several years.
        Plan = "plan", "规划";
        /// Notices, opinions, schemes, measures: official documents (公文).
        Notice = "notice", "通知、意见、方案、办法等公文";
        /// Explanations of other documents.
        Interpretation = "interpretation", "解读";
        /// Press articles and news of the portal.
        News = "news", "新闻";
        /// Anything else.
        #[default]
        Other = "other", "其他";
    }
}

impl Genre {
    /// Whether every government publishes one each year, so that one that is missing means something.
    pub fn is_annual(self) -> bool {
        match self {
            Self::RuleOfLawReport
            | Self::OpenGovernmentReport
            | Self::WorkReport
            | Self::BudgetReport
            | Self::StatisticalBulletin
            | Self::DevelopmentReport => true,
            Self::Plan | Self::Notice | Self::Interpretation | Self::News | Self::Other => false,
        }
    }
}

codes! {
    /// What kind of body issued a report.
    IssuerType {
        /// A people's government or its general office.
        Government = "government", "政府";
        /// A department of a government.
        Department = "department", "部门";
        /// A township, town or subdistrict.
        Township = "township", "乡镇街道";
        /// A body of the party.
        Party = "party", "党委";
        /// A newspaper, broadcaster or other medium.
        Media = "media", "媒体";
        /// Any other body.
        Other = "other", "其他";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back_and_agree_with_json() {
        for genre in Genre::ALL {
            assert_eq!(genre.code().parse(), Ok(*genre));
            assert_eq!(
                serde_json::to_string(genre).unwrap(),
                format!("{:?}", genre.code())
            );
        }
        assert!("workreport".parse::<Genre>().unwrap_err().contains("work-report"));
    }
}
