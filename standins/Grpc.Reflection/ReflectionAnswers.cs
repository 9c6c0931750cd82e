using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;
using RequestCase = Grpc.Reflection.V1.ServerReflectionRequest.MessageRequestOneofCase;

namespace Grpc.Reflection;

/// <summary>What reflection answers, whichever version asks.</summary>
internal sealed class ReflectionAnswers(IEnumerable<ServiceDescriptor> services)
{
    private readonly ServiceDescriptor[] _services = [.. services];
    private readonly SymbolRegistry _symbols = SymbolRegistry.FromFiles(services.Select(service => service.File));

    public ServerReflectionResponse Answer(ServerReflectionRequest request) => request.MessageRequestCase switch
    {
        RequestCase.ListServices => Services(),
        RequestCase.FileByFilename => File(_symbols.FileByName(request.FileByFilename), request.FileByFilename),
        RequestCase.FileContainingSymbol => File(_symbols.FileContainingSymbol(request.FileContainingSymbol), request.FileContainingSymbol),
        _ => Error(StatusCode.Unimplemented, $"{request.MessageRequestCase} is not supported."),
    };

    private ServerReflectionResponse Services()
    {
        var names = _services.Select(service => new ServiceResponse { Name = service.FullName });
        return new ServerReflectionResponse { ListServicesResponse = new ListServiceResponse { Service = { names } } };
    }

    private static ServerReflectionResponse File(FileDescriptor? file, string asked)
    {
        if (file is null)
        {
            return Error(StatusCode.NotFound, $"'{asked}' is not known here.");
        }

        var files = new List<FileDescriptor>();
        AddWithImports(file, files);
        var protos = files.Select(found => found.SerializedData);
        return new ServerReflectionResponse { FileDescriptorResponse = new FileDescriptorResponse { FileDescriptorProto = { protos } } };
    }

    private static void AddWithImports(FileDescriptor file, List<FileDescriptor> files)
    {
        if (files.Contains(file))
        {
            return;
        }

        files.Add(file);
        foreach (var import in file.Dependencies)
        {
            AddWithImports(import, files);
        }
    }

    private static ServerReflectionResponse Error(StatusCode code, string message) =>
        new() { ErrorResponse = new ErrorResponse { ErrorCode = (int)code, ErrorMessage = message } };
}
