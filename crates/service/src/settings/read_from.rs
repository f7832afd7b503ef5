/// Has clap read a struct by its function `read` from the options that another struct declares: where
/// options are to be looked at together.
#[macro_export]
macro_rules! read_from {
    ($settings:ty, $options:ty) => {
        impl clap::FromArgMatches for $settings {
            fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
                Self::read(matches)
            }

            fn update_from_arg_matches(
                &mut self,
                matches: &clap::ArgMatches,
            ) -> Result<(), clap::Error> {
                *self = Self::read(matches)?;
                Ok(())
            }
        }

        impl clap::Args for $settings {
            fn augment_args(command: clap::Command) -> clap::Command {
                <$options as clap::Args>::augment_args(command)
            }

            fn augment_args_for_update(command: clap::Command) -> clap::Command {
                <$options as clap::Args>::augment_args_for_update(command)
            }
        }
    };
}
