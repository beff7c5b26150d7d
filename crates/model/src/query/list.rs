use super::{Error, Filter, Order, Properties, Schema};

/// A whole request for a list.
#[derive(Clone, Debug)]
pub struct ListRequest {
    pub filter: Option<Filter>,
    pub order: Option<Order>,
    /// From 1.
    pub page: u32,
    /// At least 1.
    pub page_size: u32,
}

impl ListRequest {
    /// From the parameters of a request; blank ones are as good as none.
    pub fn parse(
        schema: &Schema,
        query: Option<&str>,
        order_by: Option<&str>,
        page: u32,
        page_size: u32,
    ) -> Result<Self, Error> {
        let given = |text: Option<&'_ str>| text.map(str::to_owned).filter(|text| !text.trim().is_empty());
        Ok(Self {
            filter: given(query)
                .map(|text| Filter::parse(&text, schema))
                .transpose()?,
            order: given(order_by)
                .map(|text| Order::parse(&text, schema))
                .transpose()?,
            page,
            page_size,
        })
    }

    /// How many come before the page.
    pub fn offset(&self) -> u64 {
        u64::from(self.page.saturating_sub(1)) * u64::from(self.page_size)
    }

    /// The page of things that are in memory anyway, and how many meet the filter. Without an order they stay
    /// in the order in which they come, which is also how ties are broken.
    pub fn apply<T: Properties>(&self, things: impl IntoIterator<Item = T>) -> (Vec<T>, usize) {
        let meets = |thing: &T| self.filter.as_ref().is_none_or(|filter| filter.matches(thing));
        let mut found: Vec<T> = things.into_iter().filter(meets).collect();
        if let Some(order) = &self.order {
            let mut keyed: Vec<_> = found
                .into_iter()
                .map(|thing| (order.key(&thing), thing))
                .collect();
            keyed.sort_by(|(one, _), (other, _)| order.compare(one, other));
            found = keyed.into_iter().map(|(_, thing)| thing).collect();
        }
        let total = found.len();
        let skip = usize::try_from(self.offset()).unwrap_or(usize::MAX);
        let take = usize::try_from(self.page_size).unwrap_or(usize::MAX);
        (found.into_iter().skip(skip).take(take).collect(), total)
    }
}
