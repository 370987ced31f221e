// SPDX-License-Identifier: MIT

package safedial

import "net/netip"

// notPublic are the IPv4 networks that are no address of anybody on the
// internet, and those behind which a machine's own host answers.
var notPublic = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"168.63.129.16/32", // a cloud's host, under an address that looks public
)

// global is all of IPv6 that is given to networks of the internet; what lies
// outside it is loopback, private, link-local, multicast, mapped or translated.
var global = netip.MustParsePrefix("2000::/3")

// notGlobal are the parts of it that lead elsewhere: tunnels that hide an IPv4
// address, and what is kept for books.
var notGlobal = prefixes("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

func within(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Public reports whether an address belongs to somebody on the internet. An
// IPv4 address in IPv6 clothes counts as what it is.
func Public(a netip.Addr) bool {
	a = a.Unmap()
	switch {
	case !a.IsValid() || a.Zone() != "":
		return false
	case a.Is4():
		return !within(notPublic, a)
	default:
		return global.Contains(a) && !within(notGlobal, a)
	}
}
