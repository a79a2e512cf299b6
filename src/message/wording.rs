//! The built-in messages.
//!
//! The texts for SMS are limited to the GSM alphabet, which contains `é à ñ ¿` but neither `ó` nor
//! `ã ç ê`. The wording avoids words that need the missing letters, so that no accents are dropped.
//! Of 160 septets, the longest name, code, lifetime, domain and hash take 90. SMS Retriever allows
//! 140 in all, which leaves 50 for the wording.
//!
//! `min` is the symbol of the minute (ISO 80000-3). It is the same in all four languages, in
//! singular and plural.

use super::Locale;
use super::template::{EmailTemplate, Template};

pub(super) const fn sms(locale: Locale) -> Template<'static> {
    Template::built_in(match locale {
        Locale::En => "Your {app} code: {code}. Valid for {minutes} min. Never share it.",
        Locale::Es => "Su clave de {app}: {code}. Caduca en {minutes} min. No la comparta.",
        Locale::Fr => "Votre code {app} : {code}. Valable {minutes} min. Ne le partagez pas.",
        Locale::PtBr => "Seu token {app}: {code}. Vale por {minutes} min. Nunca o compartilhe.",
    })
}

pub(super) const fn whatsapp(locale: Locale) -> Template<'static> {
    Template::built_in(match locale {
        Locale::En => "{code} is your {app} code. It is valid for {minutes} min. Never share it with anyone.",
        Locale::Es => "Su código de {app} es {code}. Caduca en {minutes} min. No lo comparta con nadie.",
        Locale::Fr => {
            "Votre code {app} est {code}. Il est valable {minutes} min. Ne le communiquez à personne."
        }
        Locale::PtBr => "Seu código {app} é {code}. Vale por {minutes} min. Não o compartilhe com ninguém.",
    })
}

pub(super) const fn email(locale: Locale) -> EmailTemplate<'static> {
    let (subject, body) = match locale {
        Locale::En => (
            "Your {app} code",
            "Your {app} code is:\n\n{code}\n\n\
             It is valid for {minutes} min and works once. Never share it with anyone.\n\n\
             If you did not ask for it, you can ignore this message.\n",
        ),
        Locale::Es => (
            "Su código de {app}",
            "Su código de {app} es:\n\n{code}\n\n\
             Caduca en {minutes} min y solo sirve una vez. No lo comparta con nadie.\n\n\
             Si no lo ha solicitado, puede ignorar este mensaje.\n",
        ),
        Locale::Fr => (
            "Votre code {app}",
            "Votre code {app} est :\n\n{code}\n\n\
             Il est valable {minutes} min et ne sert qu’une fois. Ne le communiquez à personne.\n\n\
             Si vous ne l’avez pas demandé, vous pouvez ignorer ce message.\n",
        ),
        Locale::PtBr => (
            "Seu código {app}",
            "Seu código {app} é:\n\n{code}\n\n\
             Vale por {minutes} min e só pode ser usado uma vez. Não o compartilhe com ninguém.\n\n\
             Se você não o solicitou, pode ignorar esta mensagem.\n",
        ),
    };
    EmailTemplate { subject: Template::built_in(subject), body: Template::built_in(body) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::gsm;

    #[test]
    fn built_in_texts_are_valid_templates() {
        for locale in Locale::ALL {
            for template in [sms(locale), whatsapp(locale)] {
                assert_eq!(Template::new(template.as_str()), Ok(template), "{locale}");
            }
            let email = email(locale);
            assert_eq!(
                EmailTemplate::new(email.subject.as_str(), email.body.as_str()),
                Ok(email),
                "{locale}"
            );
        }
    }

    #[test]
    fn sms_wording_takes_at_most_50_septets() {
        for locale in Locale::ALL {
            let septets: usize = sms(locale).as_str().chars().map(|c| gsm::septets(c).unwrap()).sum();
            // Braces count as two septets here, but are not sent.
            let placeholders = "{app}{code}{minutes}".len() + 6;
            assert!(septets - placeholders <= 50, "{locale}: {}", septets - placeholders);
        }
    }
}
