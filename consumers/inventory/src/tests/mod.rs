mod conservation;
mod made;
mod reactions;
mod running;
