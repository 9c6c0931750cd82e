// Writes the lists under published/: to be run on the assemblies of the published packages when their version changes.
using System.Reflection;
using GenAI.Chats.ApiCheck;

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: ApiCheck LIST ASSEMBLY.dll [ASSEMBLY.dll ...] [-- TYPE-OR-NAMESPACE. ...]");
    return 2;
}

var assemblies = args.Skip(1).TakeWhile(arg => arg != "--").ToArray();
var chosen = args.Skip(assemblies.Length + 2).ToArray();
var facts = PublicApi.Of(assemblies
    .SelectMany(file => Assembly.LoadFrom(Path.GetFullPath(file)).GetExportedTypes())
    .Where(type => chosen.Length == 0 || chosen.Any(name => IsIn(Signature.Of(type), name))));
File.WriteAllLines(args[0], facts);
Console.WriteLine($"{facts.Count} facts");
return 0;

// A namespace ends in a dot; a type is named with its nested types and whatever its type parameters.
static bool IsIn(string type, string name) =>
    name.EndsWith('.')
        ? type.StartsWith(name, StringComparison.Ordinal)
        : type == name
            || type.StartsWith(name + "<", StringComparison.Ordinal)
            || type.StartsWith(name + ".", StringComparison.Ordinal);
