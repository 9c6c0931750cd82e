using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace GenAI.Chats.StandIns;

/// <summary>Whatever the published server and client use of the contract assemblies is there.</summary>
public sealed class PublishedReferencesTests
{
    private static readonly string[] Contract = ["Grpc.Core.Api", "Grpc.Net.Common"];

    [Theory]
    [InlineData("Grpc.AspNetCore.Server")]
    [InlineData("Grpc.Net.Client")]
    public void Members_UsedByAPublishedAssembly_AllResolve(string name)
    {
        var assembly = Assembly.Load(name);
        using var image = new PEReader(File.OpenRead(assembly.Location));
        var metadata = image.GetMetadataReader();
        var used = metadata.MemberReferences.Where(member => IsContract(metadata, metadata.GetMemberReference(member).Parent)).ToList();

        var missing = used
            .Select(member => Resolve(assembly.ManifestModule, metadata, member))
            .OfType<string>()
            .ToList();

        Assert.True(missing.Count == 0, string.Join('\n', missing));
        Assert.True(used.Count > 50, $"Only {used.Count} uses found: the test reads the assembly wrongly.");
    }

    [Theory]
    [InlineData("Grpc.AspNetCore.Server")]
    [InlineData("Grpc.Net.Client")]
    public void Types_OfAPublishedAssembly_AllLoad(string name)
    {
        // Fails if a base or interface lacks what a type overrides, or demands what it does not implement.
        Assert.NotEmpty(Assembly.Load(name).GetTypes());
    }

    [Theory]
    [InlineData("Grpc.Core.Api")]
    [InlineData("Grpc.Net.Common")]
    public void Identity_OfAContractAssembly_IsThePublishedOne(string name)
    {
        var referenced = Assembly.Load("Grpc.AspNetCore.Server").GetReferencedAssemblies().Single(reference => reference.Name == name);
        var standIn = Assembly.Load(name).GetName();

        Assert.Equal(referenced.Version, standIn.Version);
        Assert.Equal(referenced.GetPublicKeyToken(), standIn.GetPublicKeyToken());
    }

    private static string? Resolve(Module module, MetadataReader metadata, MemberReferenceHandle member)
    {
        // Any types do for the parameters of generic types and methods: only the member's existence counts.
        Type[] any = [.. Enumerable.Repeat(typeof(object), 8)];
        try
        {
            module.ResolveMember(MetadataTokens.GetToken(member), any, any);
            return null;
        }
        catch (Exception e) when (e is MissingMemberException or TypeLoadException)
        {
            return $"{metadata.GetString(metadata.GetMemberReference(member).Name)}: {e.Message}";
        }
    }

    private static bool IsContract(MetadataReader metadata, EntityHandle parent) => parent.Kind switch
    {
        HandleKind.TypeReference => IsContract(metadata, metadata.GetTypeReference((TypeReferenceHandle)parent).ResolutionScope),
        HandleKind.TypeSpecification => IsContract(metadata, Generic(metadata, (TypeSpecificationHandle)parent)),
        HandleKind.AssemblyReference =>
            Contract.Contains(metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)parent).Name)),
        _ => false,
    };

    /// <summary>The type of which this is an instance, nil if it is none: an array, say.</summary>
    private static EntityHandle Generic(MetadataReader metadata, TypeSpecificationHandle handle)
    {
        var signature = metadata.GetBlobReader(metadata.GetTypeSpecification(handle).Signature);
        if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
        {
            return default;
        }

        signature.ReadByte();
        return signature.ReadTypeHandle();
    }
}
