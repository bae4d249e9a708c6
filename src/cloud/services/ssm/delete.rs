//! DeleteParameter and DeleteParameters.

use serde_json::json;

use super::find;
use super::parameter::KIND;
use crate::cloud::services::call::{Call, Reply};

/// DeleteParameter.
pub fn one(call: &mut Call<'_>) -> Reply {
    let parameter = find::own(call)?;
    call.txn
        .delete(KIND, &format!("{}/{}", call.region, parameter.name))?;
    Ok(json!({}))
}

/// DeleteParameters: what is not there is listed, not an error.
pub fn many(call: &mut Call<'_>) -> Reply {
    let names = call.strings("Names");
    let (mut deleted, mut invalid) = (Vec::new(), Vec::new());
    for name in names {
        let gone = call.txn.delete(KIND, &format!("{}/{name}", call.region))?;
        if gone { &mut deleted } else { &mut invalid }.push(name);
    }
    Ok(json!({ "DeletedParameters": deleted, "InvalidParameters": invalid }))
}
