//! The words that the crawler and the index share.
//!
//! A [`Report`] is one published document: its identity (where it was found, which version this is) and its
//! [`Content`] (what it says and what was read out of it). Beside it stand the domain's own notations:
//! administrative divisions ([`divisions`]), document numbers ([`DocumentNumber`]), dates ([`dates`]), the
//! outline of an official document ([`outline`]) and the folding that decides what counts as the same string
//! ([`fold()`]).
//!
//! Nothing here reads a file, a clock or the network, and nothing knows HTML or a search engine.

mod content;
pub mod dates;
mod document_number;
mod fold;
mod genre;
mod id;
pub mod outline;
mod paragraphs;
mod region;
mod time;

pub use crate::{
    content::{
        Attachment, AttachmentStatus, Content, Evidence, Quality, QualityFlag, QualityReason, Report, Status,
        YearBasis,
    },
    document_number::{DocumentNumber, InvalidDocumentNumber},
    fold::{Folded, fold, han_chars},
    genre::{Genre, IssuerType},
    id::{InvalidReportId, ReportId},
    outline::{Role, Section},
    paragraphs::{Paragraph, paragraphs},
    region::{Divisions, InvalidRegionCode, Level, NameMatch, Region, RegionCode, RegionPath, divisions},
    time::{ChinaMoment, ChinaTime, InvalidMoment},
};
