//! The UI, embedded in the program.

use crate::error::ApiError;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, Method, StatusCode, Uri};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../ui/dist"]
struct Files;

/// Serves a file; a path that is a view of the app gets the app. Never one of the API's.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let of_the_api = ["api/", "ws", "graphql"].iter().any(|prefix| path.starts_with(prefix));
    if of_the_api || !(method == Method::GET || method == Method::HEAD) {
        return ApiError::not_found(format!("There is nothing at {:?}.", uri.path())).into_response();
    }
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    let name = if path.is_empty() || !is_file { "index.html" } else { path };
    let Some(file) = Files::get(name) else {
        return ApiError::not_found(format!("There is no file {:?}.", uri.path())).into_response();
    };
    let tag = format!("\"{}\"", data_encoding::HEXLOWER.encode(&file.metadata.sha256_hash()[..16]));
    if headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    let kind = if kind.type_() == "text" { format!("{kind}; charset=utf-8") } else { kind.to_string() };
    // Names under assets/ carry a hash of what is in them; everything else is asked for again.
    let keep = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let head = [(CONTENT_TYPE, kind), (CACHE_CONTROL, keep.to_owned()), (ETAG, tag)];
    (StatusCode::OK, head, file.data.into_owned()).into_response()
}
