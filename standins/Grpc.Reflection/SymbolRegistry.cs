using Google.Protobuf.Reflection;

namespace Grpc.Reflection;

/// <summary>Finds files, and what they import, by their name or by the full name of a message, enum, service or method in them.</summary>
public class SymbolRegistry
{
    private readonly Dictionary<string, FileDescriptor> _filesByName = [];
    private readonly Dictionary<string, FileDescriptor> _filesBySymbol = [];

    private SymbolRegistry()
    {
    }

    public static SymbolRegistry FromFiles(IEnumerable<FileDescriptor> fileDescriptors)
    {
        ArgumentNullException.ThrowIfNull(fileDescriptors);
        var registry = new SymbolRegistry();
        foreach (var file in fileDescriptors)
        {
            registry.Add(file);
        }

        return registry;
    }

    public FileDescriptor? FileByName(string filename) => _filesByName.GetValueOrDefault(filename);

    public FileDescriptor? FileContainingSymbol(string symbol) => _filesBySymbol.GetValueOrDefault(symbol);

    private void Add(FileDescriptor file)
    {
        if (!_filesByName.TryAdd(file.Name, file))
        {
            return;
        }

        foreach (var import in file.Dependencies)
        {
            Add(import);
        }

        AddAll(file.EnumTypes);
        AddAll(file.Services);
        AddAll(file.Services.SelectMany(service => service.Methods));
        AddMessages(file.MessageTypes);
    }

    private void AddMessages(IList<MessageDescriptor> messages)
    {
        AddAll(messages);
        foreach (var message in messages)
        {
            AddAll(message.EnumTypes);
            AddMessages(message.NestedTypes);
        }
    }

    private void AddAll(IEnumerable<IDescriptor> symbols)
    {
        foreach (var symbol in symbols)
        {
            _filesBySymbol[symbol.FullName] = symbol.File;
        }
    }
}
