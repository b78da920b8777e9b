//! What there is to see.

mod land;
mod planets;
mod sky;
mod view;

use crate::canvas::Painter;
use view::View;

/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// Stars above a dark horizon.
    NightSky,
    /// Sand in low light.
    Dunes,
    /// Glowing gas, and stars.
    Nebula,
    /// Ridges in mist.
    Mountains,
    /// Northern lights over a lake.
    Aurora,
    /// A ringed planet; around it the picture is transparent, where its format can be.
    Planet,
    /// A half moon with craters.
    Moon,
}

impl Scene {
    /// All of them.
    pub const ALL: [Scene; 7] = [
        Scene::Nebula,
        Scene::Dunes,
        Scene::NightSky,
        Scene::Mountains,
        Scene::Aurora,
        Scene::Planet,
        Scene::Moon,
    ];

    pub(crate) fn painter(self, seed: u32, width: u32, height: u32) -> Painter {
        let view = View { seed, width, height };
        match self {
            Scene::NightSky => sky::night_sky(view),
            Scene::Dunes => land::dunes(view),
            Scene::Nebula => sky::nebula(view),
            Scene::Mountains => land::mountains(view),
            Scene::Aurora => sky::aurora(view),
            Scene::Planet => planets::planet(view),
            Scene::Moon => planets::moon(view),
        }
    }
}
