package vet

import (
	"strings"
	"unicode"
)

// personalWords holds words that often name personal data. Each is one word of
// a name or two adjacent ones joined.
var personalWords = func() map[string]bool {
	const words = `
		email phone telephone mobile fax
		address street postcode zipcode postalcode
		ssn socialsecurity passport nationalid personalid taxid driverlicense licenceplate licenseplate
		iban creditcard cardnumber bankaccount accountnumber
		birth birthday birthdate dob
		firstname lastname surname fullname maidenname
		salary wage income
		diagnosis diagnoses disease medical medication prescription
		gender religion ethnicity nationality biometric fingerprint`
	set := make(map[string]bool)
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}()

// personalWord returns the part of a name that looks personal, or an empty
// string if there is none.
func personalWord(name string) string {
	words := splitName(name)
	for i, word := range words {
		if isPersonal(word) {
			return word
		}
		if i > 0 && isPersonal(words[i-1]+word) {
			return words[i-1] + word
		}
	}
	return ""
}

func isPersonal(word string) bool {
	return personalWords[word] || personalWords[strings.TrimSuffix(word, "s")] || personalWords[strings.TrimSuffix(word,
		"es")]
}

// splitName splits a name into lower-case words: at underscores and other
// non-letters, before capital letters, and before the last of several capitals
// ("userSSNHash": user, ssn, hash).
func splitName(name string) []string {
	var words []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			words = append(words, strings.ToLower(string(word)))
			word = nil
		}
	}
	letters := []rune(name)
	for i, r := range letters {
		if !unicode.IsLetter(r) {
			flush()
			continue
		}
		if unicode.IsUpper(r) && i > 0 {
			beforeLower := i+1 < len(letters) && unicode.IsLower(letters[i+1])
			if unicode.IsLower(letters[i-1]) || beforeLower {
				flush()
			}
		}
		word = append(word, r)
	}
	flush()
	return words
}
